package io.berth.linux.security;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class CapabilitiesTest {

    @Test
    void theDefaultIsTheMaskThatEveryDockerContainerShows() {
        assertEquals(0x00000000a80425fbL, Capabilities.DEFAULT.bits());
        assertEquals(14, Capabilities.DEFAULT.members().size());
        assertEquals(0x1ffffffffffL, Capabilities.ALL.bits());
    }

    @Test
    void namesAreTakenInAnyCaseWithAndWithoutTheirPrefix() {
        Capabilities expected = Capabilities.DEFAULT.with(Capabilities.of(Capability.NET_ADMIN, Capability.SYS_TIME));
        assertEquals(expected, Capabilities.requested(false, List.of("net_admin", "CAP_SYS_TIME"), List.of()));
        assertEquals(expected, Capabilities.requested(false, List.of("cap_net_admin", " Sys_Time"), List.of()));
    }

    @Test
    void addingWinsOverDroppingTheSame() {
        assertTrue(Capabilities.requested(false, List.of("CHOWN"), List.of("CHOWN")).has(Capability.CHOWN));
    }

    @Test
    void allLosesToANameOnTheOtherSide() {
        assertEquals(Capabilities.ALL.without(Capabilities.of(Capability.CHOWN)),
                Capabilities.requested(false, List.of("all"), List.of("CHOWN")));
        assertEquals(Capabilities.of(Capability.KILL), Capabilities.requested(false, List.of("KILL"), List.of("ALL")));
        assertEquals(Capabilities.NONE, Capabilities.requested(false, List.of(), List.of("ALL")));
        assertEquals(Capabilities.ALL, Capabilities.requested(false, List.of("ALL"), List.of("ALL")));
    }

    @Test
    void privilegedHasAllButABadNameIsStillRefused() {
        assertEquals(Capabilities.ALL, Capabilities.requested(true, List.of(), List.of("CHOWN")));
        assertThrows(UnknownCapabilityException.class, () -> Capabilities.requested(true, List.of("nope"), List.of()));
    }

    @Test
    void anUnknownNameIsRefusedInTheReferencesWords() {
        assertEquals("invalid CapAdd: unknown capability: \"CAP_FOO\"", messageOf(List.of("foo"), List.of()));
        assertEquals("invalid CapDrop: unknown capability: \"CAP_FOO\"", messageOf(List.of(), List.of("cap_foo", "CAP_bar")));
        assertEquals("invalid CapAdd: unknown capability: \"CAP_\"", messageOf(List.of("ALL", ""), List.of()));
        assertEquals("invalid CapAdd: unknown capability: \"CAP_ALL\"", messageOf(List.of("CAP_ALL"), List.of()));
    }

    private static String messageOf(List<String> add, List<String> drop) {
        return assertThrows(UnknownCapabilityException.class, () -> Capabilities.requested(false, add, drop)).getMessage();
    }

    @Test
    void theBoundingSetIsReadFromTheStatusFile() {
        Capabilities bounding = Capabilities.boundingIn(List.of("Name:\tjava", "CapEff:\t0000000000000000",
                "CapBnd:\t000001fffeffffff", "CapAmb:\t0000000000000000"));
        assertFalse(bounding.has(Capability.SYS_RESOURCE));
        Capabilities withheld = Capabilities.ALL.without(bounding);
        assertEquals("CAP_SYS_RESOURCE", withheld.toString());
        assertEquals(bounding, Capabilities.ALL.within(bounding));
    }

    @Test
    void aStatusFileWithoutABoundingSetIsAnError() {
        assertThrows(IllegalStateException.class, () -> Capabilities.boundingIn(List.of("Name:\tjava")));
    }

    @Test
    void capsetGetsItsThreeSetsInHalves() {
        assertArrayEquals(HexFormat.of().parseHex("2205082000000000"), Capabilities.header());
        byte[] data = Capabilities.data(Capabilities.of(Capability.CHOWN), Capabilities.of(Capability.CHOWN, Capability.BPF),
                Capabilities.NONE);
        assertEquals("01000000" + "01000000" + "00000000" + "00000000" + "80000000" + "00000000",
                HexFormat.of().formatHex(data));
    }
}
