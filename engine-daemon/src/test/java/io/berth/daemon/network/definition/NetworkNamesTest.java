package io.berth.daemon.network.definition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class NetworkNamesTest {

    @Test
    void namesFitIntoALinksNameAndCarryTheInstance() {
        EndpointId endpoint = new EndpointId("0123456789abcdef".repeat(4));
        NetworkNames other = NetworkNames.ofInstance("1a2b3c4d");
        assertEquals("vberth001234567", NetworkNames.ofDefaultInstance().hostEnd(endpoint));
        assertEquals("v1a2b3c4d012345", other.hostEnd(endpoint));
        assertEquals("berth-1a2b3c4d", other.bridge());
        assertEquals(other.id(NetworkKind.BRIDGE), NetworkNames.ofInstance("1a2b3c4d").id(NetworkKind.BRIDGE));
        assertThrows(IllegalArgumentException.class, () -> NetworkNames.ofInstance("1a2b"));
    }
}
