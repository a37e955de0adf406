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
 * @param aotCache a cache made for this class path, used when the file exists
 * @param oomScore the keeper's oom_score_adj, when it is to differ from the daemon's. What the keeper starts inherits it: only for
 *     a daemon whose every launch table writes the score of its process
 * @param logFile where the keeper's own words go; appended to
 * @param deadline for the start, and for every call of the client
 */
public record KeeperSettings(Path execRoot, Path nativeDirectory, Path java, List<Path> classPath, Optional<Path> aotCache,
        Optional<Integer> oomScore, Path logFile, Duration deadline) {

    private static final Duration DEFAULT_DEADLINE = Duration.ofSeconds(20);

    public KeeperSettings {
        classPath = List.copyOf(classPath);
    }

    /** With the Java and the classes that run here, and no AOT cache. */
    public static KeeperSettings of(Path execRoot, Path nativeDirectory) {
        return new KeeperSettings(execRoot, nativeDirectory, Path.of(System.getProperty("java.home"), "bin", "java"),
                List.of(origin(Kernel.class), origin(Invoker.class)), Optional.empty(), Optional.empty(),
                execRoot.resolve("keeper.log"), DEFAULT_DEADLINE);
    }

    public KeeperSettings withAotCache(Path cache) {
        return new KeeperSettings(execRoot, nativeDirectory, java, classPath, Optional.of(cache), oomScore, logFile, deadline);
    }

    public KeeperSettings withOomScore(int score) {
        return new KeeperSettings(execRoot, nativeDirectory, java, classPath, aotCache, Optional.of(score), logFile, deadline);
    }

    Optional<Path> usableAotCache() {
        return aotCache.filter(Files::isReadable);
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
