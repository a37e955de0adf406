package io.berth.daemon.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.address.NetworkException;
import io.berth.daemon.network.address.Subnet;
import io.berth.daemon.network.definition.AddressRange;
import io.berth.daemon.network.definition.Driver;
import io.berth.daemon.network.definition.NetworkDefinition;
import io.berth.daemon.network.definition.NetworkId;
import io.berth.store.durable.DiskFiles;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NetworkRegistryTest {

    private static final NetworkDefinition FULL = new NetworkDefinition(id("ab"), "full", Driver.MACVLAN, Instant.parse("2026-01-01T12:00:00.5Z"),
            true, true, true, true, false, Optional.of("conf"), List.of(new AddressRange(Subnet.parse("10.1.0.0/24"), Optional.of(IpAddress.parse("10.1.0.9")),
            Optional.of(Subnet.parse("10.1.0.128/25")), Map.of("router", IpAddress.parse("10.1.0.5")), true, true),
            new AddressRange(Subnet.parse("fd00::/64"), Optional.empty(), Optional.empty(), Map.of(), false, false)), Optional.of(Map.of()),
            Map.of("parent", "eth0"), Map.of("a", "ü"));
    private static final NetworkDefinition PLAIN = new NetworkDefinition(id("ac"), "plain", Driver.BRIDGE, Instant.parse("2026-01-01T12:00:00Z"),
            true, false, false, false, false, Optional.empty(), List.of(), Optional.empty(), Map.of(), Map.of());

    @TempDir
    Path directory;
    private NetworkRegistry registry;

    private static NetworkId id(String beginning) {
        return new NetworkId(beginning + "0".repeat(64 - beginning.length()));
    }

    @BeforeEach
    void open() {
        registry = NetworkRegistry.open(new DiskFiles(), directory.resolve("networks.journal"));
    }

    @AfterEach
    void close() {
        registry.close();
    }

    private void openAgain() {
        close();
        open();
    }

    @Test
    void whatWasWrittenIsReadBackAsItWas() {
        registry.add(PLAIN);
        registry.add(FULL);
        openAgain();
        assertEquals(List.of(FULL, PLAIN), registry.list());
    }

    @Test
    void whatWasRemovedStaysRemoved() {
        registry.add(PLAIN);
        registry.add(FULL);
        registry.remove(PLAIN.id());
        openAgain();
        assertEquals(List.of(FULL), registry.list());
    }

    @Test
    void aNetworkIsFoundByIdThenByNameThenByTheBeginningOfItsId() {
        NetworkDefinition misleading = new NetworkDefinition(id("fe"), "ab", Driver.BRIDGE, PLAIN.created(), true, false, false, false, false,
                Optional.empty(), List.of(), Optional.empty(), Map.of(), Map.of());
        List.of(PLAIN, FULL, misleading).forEach(registry::add);
        assertEquals(FULL, registry.resolve(FULL.id().hex()));
        assertEquals(misleading, registry.resolve("ab"));
        assertEquals(FULL, registry.resolve("ab0"));
        assertEquals("network a is ambiguous (2 matches found based on ID prefix)", assertThrows(NetworkException.class, () -> registry.resolve("a")).getMessage());
        assertEquals("network nope not found", assertThrows(NetworkException.class, () -> registry.resolve("nope")).getMessage());
        assertThrows(NetworkException.class, () -> registry.resolve(""));
    }
}
