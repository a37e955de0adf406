package io.berth.linux.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.berth.linux.file.BytePath;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.RecordingKernel;
import io.berth.linux.mount.MountSpec.Protection;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a copy of a mount is told, by the flags of mount_setattr(2): AT_EMPTY_PATH 0x1000, AT_RECURSIVE 0x8000. */
class MountSourcesTest {

    private final RecordingKernel kernel = new RecordingKernel();

    @ParameterizedTest
    @CsvSource({"RPRIVATE, NONE, true, 0x9000", "RPRIVATE, TREE, true, 0x9000 0x9000", "RPRIVATE, TOP, true, 0x9000 0x1000",
        "RPRIVATE, TREE, false, 0x1000 0x1000", "RSLAVE, NONE, true, 0x9000", "SLAVE, NONE, true, 0x9000",
        "RSHARED, NONE, true, 0x9000", "SHARED, NONE, true, 0x1000", "SHARED, TREE, true, 0x1000 0x9000", "RSHARED, NONE, false, 0x1000"})
    void propagationAndProtectionReachAsFarAsTheyShould(Propagation propagation, Protection protection, boolean recursive, String flags) {
        new MountSources(kernel).confine(new Fd(kernel, 7), new MountSpec.Bind(BytePath.of("/s"), Optional.empty(), BytePath.of("/d"), protection,
                recursive, propagation));
        List<String> seen = kernel.calls().stream().map(call -> "0x" + Long.toHexString(Long.decode(call.replaceFirst(".*\"\"[ ,]*(\\w+).*", "$1")))).toList();
        assertEquals(flags, String.join(" ", seen), () -> kernel.calls().toString());
    }
}
