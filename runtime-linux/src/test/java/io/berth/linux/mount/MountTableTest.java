package io.berth.linux.mount;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MountTableTest {

    private final MountTable table = MountTable.parse(List.of(
            "22 1 254:0 / / rw,relatime - ext4 /dev/vda rw",
            "30 22 0:40 / /shared rw shared:7 - tmpfs t rw",
            "31 22 0:41 / /slave rw master:7 - tmpfs t rw",
            "32 22 0:42 / /both rw shared:9 master:7 - tmpfs t rw",
            "33 30 0:43 / /shared/private rw - tmpfs t rw",
            "34 22 0:44 / /with\\040space\\134 rw shared:11 - tmpfs t rw",
            "35 22 0:45 / /covered rw shared:12 - tmpfs t rw",
            "36 35 0:46 / /covered rw - tmpfs t rw"));

    @ParameterizedTest
    @CsvSource({"RSHARED, /shared", "SHARED, /shared/below/it", "RSLAVE, /shared", "SLAVE, /slave/x", "RSHARED, /both", "RSLAVE, /both",
        "SHARED, '/with space\\/x'", "RPRIVATE, /", "PRIVATE, /shared/private"})
    void whatTheMountAllowsIsAccepted(Propagation propagation, String path) {
        assertDoesNotThrow(() -> table.require(propagation, path));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"RSHARED | /sharedx | path /sharedx is mounted on / but it is not a shared mount",
        "RSLAVE | /x | path /x is mounted on / but it is not a shared or slave mount",
        "SHARED | /slave/x | path /slave/x is mounted on /slave but it is not a shared mount",
        "RSHARED | /shared/private/x | path /shared/private/x is mounted on /shared/private but it is not a shared mount",
        "RSLAVE | /covered | path /covered is mounted on /covered but it is not a shared or slave mount"})
    void whatItDoesNotIsRefused(Propagation propagation, String path, String message) {
        assertEquals(message, assertThrows(MountFailure.class, () -> table.require(propagation, path)).getMessage());
    }

    @Test
    void everyWordOfTheMountOptionsIsKnown() {
        for (String word : List.of("private", "rprivate", "slave", "rslave", "shared", "rshared")) {
            assertEquals(word, Propagation.parse(word).orElseThrow().toString());
        }
        assertEquals(false, Propagation.parse("SHARED").isPresent());
    }
}
