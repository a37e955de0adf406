package io.berth.linux.keeper;

import com.kenai.jffi.Invoker;
import io.berth.linux.kernel.Kernel;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How a keeper is started.
 *
 * @param execRoot an existing directory for the socket, the locks and the journal of exits; lives as long as the machine runs
 * @param nativeDirectory where the native library is unpacked, once; not on a file system mounted noexec
 * @param java the program of a Java 25
 * @param classPath only runtime-linux and jffi; the same every time, or an AOT cache does not fit
 * @param aotCache a start-up cache for this class path, beside the classes; used when it is newer than they are
 * @param makesCache whether the keeper notes what it does and writes that cache when it ends, some seconds later
 * @param oomScore the keeper's oom_score_adj, when it is to differ from the daemon's. What the keeper starts inherits it: only for
 *     a daemon whose every launch table writes the score of its process
 * @param logFile where the keeper's own words go; appended to
 * @param deadline for the start, and for every call of the client
 */
public record KeeperSettings(Path execRoot, Path nativeDirectory, Path java, List<Path> classPath, Path aotCache, boolean makesCache,
        Optional<Integer> oomScore, Path logFile, Duration deadline) {

    private static final Duration DEFAULT_DEADLINE = Duration.ofSeconds(20);

    public KeeperSettings {
        classPath = List.copyOf(classPath);
    }

    /** With the Java and the classes that run here. */
    public static KeeperSettings of(Path execRoot, Path nativeDirectory) {
        Path own = origin(Kernel.class);
        return new KeeperSettings(execRoot, nativeDirectory, Path.of(System.getProperty("java.home"), "bin", "java"),
                List.of(own, origin(Invoker.class)), own.resolveSibling("keeper.aot"), false, Optional.empty(),
                execRoot.resolve("keeper.log"), DEFAULT_DEADLINE);
    }

    public KeeperSettings makingCache() {
        return new KeeperSettings(execRoot, nativeDirectory, java, classPath, aotCache, true, oomScore, logFile, deadline);
    }

    public KeeperSettings withOomScore(int score) {
        return new KeeperSettings(execRoot, nativeDirectory, java, classPath, aotCache, makesCache, Optional.of(score), logFile, deadline);
    }

    /** The JVM takes a cache without looking at what it was made of. */
    boolean hasUsableCache() {
        long made = aotCache.toFile().lastModified();
        return Files.isReadable(aotCache) && classPath.stream().allMatch(part -> part.toFile().lastModified() < made);
    }

    private static Path origin(Class<?> type) {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        try {
            return Path.of(source.getLocation().toURI());
        } catch (URISyntaxException malformed) {
            throw new IllegalStateException("find the classes of " + type.getName() + " at " + source.getLocation(), malformed);
        }
    }
}
