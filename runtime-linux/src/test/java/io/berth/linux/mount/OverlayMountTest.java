package io.berth.linux.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.JnrKernel;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.KernelRelease;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Needs root. The way of older kernels works on newer ones too, so both are tried. */
class OverlayMountTest {

    @TempDir
    Path directory;
    private final Kernel kernel = new JnrKernel();

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aHundredLayersAreSeenAsOneTreeAndChangesGoToTheUpperOne(boolean onePerOption) throws IOException {
        assumeTrue(!onePerOption || KernelRelease.running().isAtLeast(6, 8), "this kernel takes all layers in one option only");
        List<String> lower = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            Path layer = Files.createDirectories(directory.resolve("a-rather-long-name-for-a-directory-of-a-layer-" + i));
            Files.writeString(layer.resolve("common"), "from layer " + i);
            Files.writeString(layer.resolve("file" + i), "");
            lower.add(layer.toString());
        }
        Path upper = Files.createDirectories(directory.resolve("upper"));
        OverlayMount overlay = new OverlayMount(kernel, Files.createDirectories(directory.resolve("scratch")).toString(), onePerOption);
        try (Fd mount = overlay.mount(lower, upper.toString(), Files.createDirectories(directory.resolve("work")).toString())) {
            Path root = Path.of("/proc/self/fd/" + mount.number());
            assertEquals("from layer 0", Files.readString(root.resolve("common")));
            assertTrue(Files.exists(root.resolve("file99")));
            Files.writeString(root.resolve("new"), "change");
        }
        assertEquals("change", Files.readString(upper.resolve("new")));
        assertFalse(Files.readString(Path.of("/proc/self/mountinfo")).contains(directory.toString()));
    }

    @Test
    void aMissingLayerIsNamed() throws IOException {
        OverlayMount overlay = OverlayMount.ofRunningKernel(kernel, directory.toString());
        MountFailure failure = assertThrows(MountFailure.class, () -> overlay.mount(List.of("/nowhere"), directory.toString(), directory.toString()));
        assertTrue(failure.getMessage().contains("/nowhere") && failure.getMessage().contains("ENOENT"), failure.getMessage());
    }
}
