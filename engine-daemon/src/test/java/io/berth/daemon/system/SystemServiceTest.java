package io.berth.daemon.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.berth.api.system.DiskUsageType;
import io.berth.api.wire.Json;
import io.berth.api.wire.system.DiskUsage;
import io.berth.daemon.registry.RegistryFacts;
import io.berth.store.registry.InsecureRegistries;
import io.berth.store.registry.Patience;
import io.berth.store.registry.Proxies;
import io.berth.store.registry.RegistrySettings;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SystemServiceTest {

    /** What the reference engine (28.5) sends in {@code GET /info}, apart from what is left out when it is empty. */
    private static final List<String> INFO_FIELDS = List.of("ID", "Containers", "ContainersRunning", "ContainersPaused", "ContainersStopped",
            "Images", "Driver", "DriverStatus", "Plugins", "MemoryLimit", "SwapLimit", "CpuCfsPeriod", "CpuCfsQuota", "CPUShares", "CPUSet",
            "PidsLimit", "IPv4Forwarding", "Debug", "NFd", "OomKillDisable", "NGoroutines", "SystemTime", "LoggingDriver", "CgroupDriver",
            "CgroupVersion", "NEventsListener", "KernelVersion", "OperatingSystem", "OSVersion", "OSType", "Architecture",
            "IndexServerAddress", "RegistryConfig", "NCPU", "MemTotal", "GenericResources", "DockerRootDir", "HttpProxy", "HttpsProxy",
            "NoProxy", "Name", "Labels", "ExperimentalBuild", "ServerVersion", "Runtimes", "DefaultRuntime", "Swarm", "LiveRestoreEnabled",
            "Isolation", "InitBinary", "ContainerdCommit", "RuncCommit", "InitCommit", "SecurityOptions", "FirewallBackend", "CDISpecDirs",
            "Warnings");

    @TempDir
    Path dataRoot;

    @Test
    void theVersionReadsLikeAReleaseOfTheReferenceAndTellsOurName() {
        JsonNode version = Json.mapper().valueToTree(service().version());
        assertEquals("28.5.2+berth-0.1.0", version.get("Version").asText());
        assertEquals("1.51", version.get("ApiVersion").asText());
        assertEquals("1.24", version.get("MinAPIVersion").asText());
        assertEquals("Berth 0.1.0", version.at("/Platform/Name").asText());
        assertEquals("berth", version.at("/Components/1/Name").asText());
        assertEquals(version.get("KernelVersion"), version.at("/Components/0/Details/KernelVersion"));
        assertTrue(version.get("BuildTime").asText().matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ"));
    }

    @Test
    void theVersionIsThatOfTheBuild() throws IOException {
        assertTrue(Files.readString(Path.of("../pom.xml")).contains("<version>" + EngineIdentity.VERSION + "</version>"));
        assertTrue(Files.readString(Path.of("../berthd")).contains("engine-daemon-" + EngineIdentity.VERSION + ".jar"));
    }

    @Test
    void infoHasEveryFieldOfTheReference() {
        JsonNode info = Json.mapper().valueToTree(service().info());
        List<String> missing = new ArrayList<>(INFO_FIELDS);
        info.fieldNames().forEachRemaining(missing::remove);
        assertEquals(List.of(), missing);
    }

    @Test
    void infoWarnsOfWhatIsWrongWithTheHost() {
        assertEquals("[\"WARNING: a table is in the way\"]", Json.mapper().valueToTree(service().info()).get("Warnings").toString());
    }

    @Test
    void infoTellsWhatTheEngineHoldsAndRunsOn() {
        JsonNode info = Json.mapper().valueToTree(service().info());
        assertEquals(6, info.get("Containers").asInt());
        assertEquals(1, info.get("ContainersRunning").asInt());
        assertEquals(2, info.get("ContainersPaused").asInt());
        assertEquals(3, info.get("ContainersStopped").asInt());
        assertEquals(4, info.get("Images").asInt());
        assertEquals(dataRoot.toString(), info.get("DockerRootDir").asText());
        assertTrue(info.get("MemTotal").asLong() > 1 << 20);
        assertTrue(info.get("NFd").asInt() > 3);
        assertTrue(info.get("KernelVersion").asText().matches("\\d+\\.\\d+.*"));
        assertEquals("berth", info.get("DefaultRuntime").asText());
        assertEquals("inactive", info.at("/Swarm/LocalNodeState").asText());
    }

    @Test
    void infoTellsWhatWasSetOfRegistriesWithoutPasswords() {
        JsonNode info = Json.mapper().valueToTree(service().info());
        assertEquals("{\"docker.io\":{\"Mirrors\":[\"https://mirror.test/\"],\"Name\":\"docker.io\",\"Official\":true,\"Secure\":true},"
                + "\"plain.test:5000\":{\"Mirrors\":[],\"Name\":\"plain.test:5000\",\"Official\":false,\"Secure\":false}}",
                info.at("/RegistryConfig/IndexConfigs").toString());
        assertEquals("[\"10.0.0.0/8\",\"::1/128\",\"127.0.0.0/8\"]", info.at("/RegistryConfig/InsecureRegistryCIDRs").toString());
        assertEquals("[\"https://mirror.test/\"]", info.at("/RegistryConfig/Mirrors").toString());
        assertEquals("http://xxxxx:xxxxx@proxy.test:3128", info.get("HttpProxy").asText());
        assertEquals("", info.get("HttpsProxy").asText());
        assertEquals("internal.test", info.get("NoProxy").asText());
    }

    @Test
    void theIdOutlivesTheDaemonAndATornFileIsReplaced() throws IOException {
        String first = EngineIdentity.of(dataRoot, false, "json-file").id();
        assertEquals(first, EngineIdentity.of(dataRoot, false, "json-file").id());
        Files.writeString(dataRoot.resolve("engine-id"), "");
        String second = EngineIdentity.of(dataRoot, false, "json-file").id();
        assertEquals(second, EngineIdentity.of(dataRoot, false, "json-file").id());
    }

    private static final RegistrySettings REGISTRIES = new RegistrySettings(InsecureRegistries.of(List.of("10.1.2.3/8", "plain.test:5000")),
            List.of(URI.create("https://mirror.test/")), new Proxies("http://me:secret@proxy.test:3128", "", "internal.test"), List.of(), Patience.DEFAULT);

    private SystemService service() {
        Census census = new Census() {
            @Override
            public Containers containers() {
                return new Containers(1, 2, 3);
            }

            @Override
            public List<String> volumeDrivers() {
                return List.of("local", "plugin");
            }

            @Override
            public int images() {
                return 4;
            }

            @Override
            public DiskUsage diskUsage(Set<DiskUsageType> types) {
                return new DiskUsage(5, List.of(), List.of(), List.of(), List.of());
            }
        };
        Clock clock = Clock.systemUTC();
        return new SystemService(EngineIdentity.of(dataRoot, false, "json-file"), census, new EventLog(clock),
                new RegistryFacts(() -> REGISTRIES), new HostFacts(Path.of("/")), () -> List.of("WARNING: a table is in the way"), clock);
    }
}
