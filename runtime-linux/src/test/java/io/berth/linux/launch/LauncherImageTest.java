package io.berth.linux.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.berth.linux.kernel.Architecture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LauncherImageTest {

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({"X86_64, launcher-x86_64.S, x86_64-linux-gnu-", "AARCH64, launcher-aarch64.S, aarch64-linux-gnu-"})
    void theCodeIsWhatTheAssemblerMakesOfItsListing(Architecture architecture, String source, String tools) throws Exception {
        run(tools + "as", "-o", "launcher.o", Path.of("src/main/asm", source).toAbsolutePath().toString());
        run(tools + "objcopy", "-O", "binary", "-j", ".text", "launcher.o", "launcher.bin");
        assertEquals(HexFormat.of().formatHex(Files.readAllBytes(directory.resolve("launcher.bin"))),
                HexFormat.of().formatHex(LauncherImage.code(architecture)));
    }

    private void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        assertEquals(0, process.waitFor(), () -> String.join(" ", command) + ": " + output);
    }
}
