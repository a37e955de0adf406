package io.berth.daemon.system;

import io.berth.api.http.ApiVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.UUID;

/**
 * What this engine is called, here and everywhere.
 *
 * @param id of this data root, the same over all restarts
 * @param dataRoot where everything is kept
 * @param debug whether it logs in detail
 * @param logDriver where the output of containers goes unless they say otherwise
 */
public record EngineIdentity(String id, Path dataRoot, boolean debug, String logDriver) {

    /** Berth's own version. */
    public static final String VERSION = "0.1.0";

    /**
     * The version of the reference engine whose behaviour this one has, then our own: clients parse it, and refuse or
     * work around what looks old.
     */
    public static final String ENGINE_VERSION = "28.5.2+berth-" + VERSION;

    public static final ApiVersion API = new ApiVersion(1, 51);
    public static final ApiVersion OLDEST_API = new ApiVersion(1, 24);

    /** What the source of this version is tagged with. */
    public static final String REVISION = "v" + VERSION;

    /** Reads the data root's id, or makes one up and keeps it in {@code engine-id}. */
    public static EngineIdentity of(Path dataRoot, boolean debug, String logDriver) {
        Path file = dataRoot.resolve("engine-id");
        try {
            try {
                return new EngineIdentity(UUID.fromString(Files.readString(file).strip()).toString(), dataRoot, debug, logDriver);
            } catch (NoSuchFileException | IllegalArgumentException noneYetOrTornByACrash) {
                String id = UUID.randomUUID().toString();
                Path written = Files.writeString(dataRoot.resolve("engine-id.new"), id + "\n");
                Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
                return new EngineIdentity(id, dataRoot, debug, logDriver);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException("keep the engine's id in " + file + ": " + failure, failure);
        }
    }

    /** When this program was put together: the date of the file its classes come from. */
    Instant builtAt() {
        try {
            Path classes = Path.of(EngineIdentity.class.getProtectionDomain().getCodeSource().getLocation().toURI());
            return Files.getLastModifiedTime(classes).toInstant();
        } catch (IOException | URISyntaxException replacedWhileRunning) {
            return Instant.EPOCH;
        }
    }

    /** What runs the engine, in the place where the reference tells its Go. */
    static String java() {
        return "java" + Runtime.version().feature() + '.' + Runtime.version().interim() + '.' + Runtime.version().update();
    }
}
