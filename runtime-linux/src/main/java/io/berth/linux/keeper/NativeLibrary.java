package io.berth.linux.keeper;

import com.kenai.jffi.Invoker;
import io.berth.linux.kernel.Architecture;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * jffi's native library, unpacked to a directory of ours. Left to itself jffi unpacks it to /tmp at every start, which may
 * be mounted noexec or be cleaned while the keeper runs.
 */
final class NativeLibrary {

    /** What jffi's loader asks for. */
    private static final String NAME = "libjffi-1.2.so";

    private NativeLibrary() {
    }

    /** Unpacks the library unless it is there already. */
    static void unpack(Path directory) {
        String folder = Architecture.current() == Architecture.X86_64 ? "x86_64-Linux" : "aarch64-Linux";
        String resource = "/jni/" + folder + '/' + NAME;
        try (InputStream content = Invoker.class.getResourceAsStream(resource)) {
            if (content == null) {
                throw new IllegalStateException("unpack " + resource + ": jffi's native jar is not on the class path");
            }
            byte[] bytes = content.readAllBytes();
            Path library = directory.resolve(NAME);
            if (Files.isRegularFile(library) && Files.size(library) == bytes.length) {
                return;
            }
            Files.createDirectories(directory);
            Path fresh = Files.createTempFile(directory, NAME, ".new");
            Files.write(fresh, bytes);
            Files.move(fresh, library, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException failure) {
            throw new UncheckedIOException("unpack " + NAME + " to " + directory + ": " + failure.getMessage(), failure);
        }
    }
}
