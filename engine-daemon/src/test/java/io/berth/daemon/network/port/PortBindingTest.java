package io.berth.daemon.network.port;

import static org.junit.jupiter.api.Assertions.assertThrows;

import io.berth.daemon.network.address.IpAddress;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PortBindingTest {

    @Test
    void portsAreNumbersOfPorts() {
        assertThrows(IllegalArgumentException.class, () -> PortBinding.of(TransportProtocol.TCP, 0, IpAddress.ANY, 80));
        assertThrows(IllegalArgumentException.class, () -> PortBinding.of(TransportProtocol.TCP, 80, IpAddress.ANY, 65536));
        assertThrows(IllegalArgumentException.class, () -> new PortBinding(TransportProtocol.TCP, 80, Optional.empty(), 90, 80));
        assertThrows(IllegalArgumentException.class, () -> TransportProtocol.parse("TCP"));
    }
}
