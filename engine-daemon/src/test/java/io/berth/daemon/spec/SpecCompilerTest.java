package io.berth.daemon.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.api.http.ApiException;
import io.berth.api.wire.Json;
import io.berth.api.wire.container.ContainerConfig;
import io.berth.api.wire.container.EndpointSettings;
import io.berth.api.wire.container.HostConfig;
import io.berth.api.wire.container.LogConfig;
import io.berth.api.wire.container.Ulimit;
import io.berth.daemon.container.Fixtures;
import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.address.MacAddress;
import io.berth.daemon.restart.RestartRule;
import io.berth.linux.launch.ProcessSpec.ResourceLimit;
import io.berth.linux.security.Capabilities;
import io.berth.linux.security.Capability;
import io.berth.linux.security.ProtectedPaths;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpecCompilerTest {

    @Test
    void aContainerWithoutOptionsHasTheDefaultsOfTheReferenceEngine() {
        ContainerSpec spec = Fixtures.spec(config -> { }, host -> { });
        assertEquals(List.of("true"), spec.program().command());
        assertEquals(List.of("PATH=" + Engine.DEFAULT_PATH, "HOSTNAME=box"), spec.program().environment());
        assertEquals("/", spec.program().workingDirectory());
        assertEquals("", spec.program().user());
        assertEquals(List.of(new ResourceLimit(ResourceLimit.NOFILE, 1024, 524288)), spec.program().limits());
        assertEquals(0, spec.program().oomScoreAdjustment());
        assertEquals(new ContainerSpec.Streams(false, false, false, 0, 0), spec.streams());
        assertEquals(new ContainerSpec.Networking(new NetworkMode.Own(), List.of(NetworkOptions.attachment("bridge", new EndpointSettings(), "")), List.of()),
                spec.networking());
        assertEquals(new ContainerSpec.Files(List.of(), false, 64 << 20, ProtectedPaths.MASKED, ProtectedPaths.READ_ONLY), spec.files());
        assertEquals(new ContainerSpec.Rights(Capabilities.requested(false, List.of(), List.of()), true, false, false), spec.rights());
        assertEquals(new ContainerSpec.Ending(15, 10, false, RestartRule.NEVER), spec.ending());
    }

    @Test
    void theProgramIsEntrypointAndCommand() {
        assertEquals(List.of("/e", "x", "c"), spec(config -> {
            config.entrypoint = List.of("/e", "x");
            config.cmd = List.of("c");
        }).program().command());
    }

    @Test
    void theEnvironmentReplacesAddsAndTakesAway() {
        assertEquals(List.of("PATH=/own", "TERM=vt100", "A=2", "E="), spec(config -> {
            config.tty = true;
            config.env = List.of("PATH=/own", "A=1", "A=2", "TERM=vt100", "HOSTNAME", "E=");
        }).program().environment());
    }

    @Test
    void aTerminalHasATypeAndASize() {
        ContainerSpec spec = Fixtures.spec(config -> {
            config.tty = true;
            config.openStdin = true;
            config.stdinOnce = true;
        }, host -> host.consoleSize = List.of(24, 80));
        assertEquals(new ContainerSpec.Streams(true, true, true, 24, 80), spec.streams());
        assertTrue(spec.program().environment().contains("TERM=xterm"));
    }

    @Test
    void limitsOfResourcesAreTakenByName() {
        assertEquals(List.of(new ResourceLimit(7, 100, 200), new ResourceLimit(6, -1, -1)), hosted(host ->
                host.ulimits = List.of(new Ulimit("nofile", 200, 100), new Ulimit("nproc", -1, -1))).program().limits());
    }

    @Test
    void namesAndResolversAreTakenOver() {
        ContainerSpec spec = Fixtures.spec(config -> config.domainname = "example", host -> {
            host.dns = List.of("10.0.0.1");
            host.dnsSearch = List.of("a.example");
            host.dnsOptions = List.of("ndots:1");
            host.extraHosts = List.of("db:10.0.0.2", "six:fe80::1");
        });
        assertEquals(new ContainerSpec.Host("box", "example", List.of("10.0.0.1"), List.of("a.example"), List.of("ndots:1"),
                List.of("db:10.0.0.2", "six:fe80::1")), spec.host());
    }

    @ParameterizedTest
    @CsvSource({"'', bridge", "default, bridge", "bridge, bridge", "host, host", "none, none", "mine, mine"})
    void theNetworkIsThatOfTheMode(String mode, String network) {
        ContainerSpec.Networking networking = hosted(host -> host.networkMode = mode).networking();
        assertEquals(List.of(network), networking.attachments().stream().map(Attachment::network).toList());
        assertEquals(mode.equals("host"), networking.isHost());
    }

    @Test
    void aContainerWithAnothersNetworkHasNoneOfItsOwn() {
        ContainerSpec.Networking networking = hosted(host -> host.networkMode = "container:db").networking();
        assertEquals(Optional.of("db"), networking.sharedWith());
        assertEquals(List.of(), networking.attachments());
        assertEquals("invalid network mode: invalid container format container:<name|id>",
                assertThrows(ApiException.class, () -> hosted(host -> host.networkMode = "container:")).getMessage());
    }

    @Test
    void aContainerWithItsNetworkDisabledHasNone() {
        assertTrue(spec(config -> config.networkDisabled = true).networking().has("none"));
    }

    @Test
    void theMacAddressOfTheConnectionComesBeforeThatOfTheContainer() {
        EndpointSettings connection = new EndpointSettings();
        connection.macAddress = "02:00:00:00:00:02";
        assertEquals(Optional.of(MacAddress.parse("02:00:00:00:00:02")), definition(config -> config.macAddress = "02:00:00:00:00:01", host -> { },
                Map.of("default", connection)).networking().attachments().getFirst().mac());
        assertEquals(Optional.of(MacAddress.parse("02:00:00:00:00:01")),
                spec(c -> c.macAddress = "02:00:00:00:00:01").networking().attachments().getFirst().mac());
    }

    @Test
    void severalNetworksAreInTheOrderOfTheirLinks() {
        EndpointSettings preferred = new EndpointSettings();
        preferred.gwPriority = 1;
        EndpointSettings fixed = new EndpointSettings();
        fixed.ipamConfig = new EndpointSettings.IpamConfig("10.0.0.9", "fd00::9", List.of("169.254.9.9"));
        fixed.aliases = List.of("x");
        List<Attachment> attachments = definition(config -> { }, host -> host.networkMode = "web",
                Map.of("web", fixed, "back", new EndpointSettings(), "zone", preferred)).networking().attachments();
        assertEquals(List.of("zone", "web", "back"), attachments.stream().map(Attachment::network).toList());
        assertEquals(new Attachment("web", Optional.empty(), Optional.empty(), Optional.of(IpAddress.parse("10.0.0.9")), Optional.of(IpAddress.parse("fd00::9")),
                List.of(IpAddress.parse("169.254.9.9")), List.of("x"), Map.of(), Map.of(), 0), attachments.get(1));
    }

    @Test
    void whatOnceHadNetworksAndWasTakenOutOfThemHasNone() {
        Definition definition = new Definition(Fixtures.id("a").hex(), "box", Fixtures.NOON.toString(), Fixtures.IMAGE, Fixtures.config(c -> { }),
                Fixtures.host(host -> { }), Map.of());
        assertEquals(List.of(), new SpecCompiler().compile(definition.detachedFrom("bridge")).networking().attachments());
        assertEquals(List.of("mine"), new SpecCompiler().compile(definition.detachedFrom("bridge").attached("mine", new EndpointSettings())).networking()
                .attachments().stream().map(Attachment::network).toList());
    }

    private static ContainerSpec definition(Consumer<ContainerConfig> config, Consumer<HostConfig> host, Map<String, EndpointSettings> networks) {
        return new SpecCompiler().compile(new Definition(Fixtures.id("a").hex(), "box", Fixtures.NOON.toString(), Fixtures.IMAGE, Fixtures.config(config),
                Fixtures.host(host), networks));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"MaskedPaths\":null,\"ReadonlyPaths\":null}"})
    void pathsAreProtectedUnlessTheClientListsOthers(String json) throws IOException {
        HostConfig host = Json.mapper().readValue(json, HostConfig.class);
        ContainerSpec.Files files = new SpecCompiler().compile(Fixtures.definition(Fixtures.id("a"), "box", Fixtures.config(c -> { }), host)).files();
        assertEquals(ProtectedPaths.MASKED, files.maskedPaths());
        assertEquals(ProtectedPaths.READ_ONLY, files.readOnlyPaths());
    }

    @Test
    void anEmptyListProtectsNothing() {
        ContainerSpec.Files files = hosted(host -> {
            host.maskedPaths = List.of();
            host.readonlyPaths = List.of("/proc/own");
        }).files();
        assertEquals(List.of(), files.maskedPaths());
        assertEquals(List.of("/proc/own"), files.readOnlyPaths());
    }

    @Test
    void aPrivilegedContainerHasEverything() {
        ContainerSpec spec = hosted(host -> host.privileged = true);
        assertEquals(new ContainerSpec.Rights(Capabilities.requested(true, List.of(), List.of()), false, false, true), spec.rights());
        assertEquals(List.of(), spec.files().maskedPaths());
        assertEquals(List.of(), spec.files().readOnlyPaths());
    }

    @ParameterizedTest
    @CsvSource({"no-new-privileges, true, true", "no-new-privileges=true, true, true", "no-new-privileges:false, false, true",
        "seccomp=unconfined, false, false", "seccomp:unconfined, false, false", "seccomp=builtin, false, true",
        "apparmor=unconfined, false, true", "label=disable, false, true"})
    void securityOptionsAreUnderstoodInBothSpellings(String option, boolean noNewPrivileges, boolean filtered) {
        ContainerSpec.Rights rights = hosted(host -> host.securityOpt = List.of(option)).rights();
        assertEquals(noNewPrivileges, rights.noNewPrivileges());
        assertEquals(filtered, rights.filtered());
    }

    @Test
    void capabilitiesAreAddedAndDropped() {
        Capabilities capabilities = hosted(host -> {
            host.capAdd = List.of("NET_ADMIN");
            host.capDrop = List.of("CHOWN");
        }).rights().capabilities();
        assertTrue(capabilities.has(Capability.NET_ADMIN));
        assertFalse(capabilities.has(Capability.CHOWN));
    }

    @Test
    void howItEndsAndWhatIsLoggedAreTakenOver() {
        ContainerSpec spec = Fixtures.spec(config -> {
            config.stopSignal = "SIGINT";
            config.stopTimeout = -1;
        }, host -> {
            host.autoRemove = true;
            host.logConfig = new LogConfig("json-file", Map.of("max-size", "10k", "max-file", "3"));
        });
        assertEquals(new ContainerSpec.Ending(2, -1, true, RestartRule.NEVER), spec.ending());
        assertEquals(new ContainerSpec.LogLimits(LogDriver.JSON_FILE, 10240, 3), spec.log());
    }

    @Test
    void limitsAreTakenOver() {
        ContainerSpec spec = hosted(host -> {
            host.memory = 64 << 20;
            host.nanoCpus = 500_000_000;
            host.cpusetCpus = "0";
            host.pidsLimit = 10L;
        });
        assertEquals(64 << 20, spec.limits().memory().limit());
        assertEquals(500_000_000, spec.limits().cpu().nano());
        assertEquals("0", spec.limits().cpu().cpus());
        assertEquals(10, spec.limits().pids());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "'{\"Cmd\":null}' | no command specified",
        "'{\"Cmd\":[\"\"]}' | no command specified",
        "'{\"WorkingDir\":\"rel\"}' | \"the working directory 'rel' is invalid, it needs to be an absolute path\"",
        "'{\"Env\":[\"=x\"]}' | invalid environment variable: =x",
        "'{\"StopSignal\":\"FOO\"}' | invalid signal: FOO",
        "'{\"MacAddress\":\"x\"}' | invalid MAC address x",
    })
    void whatMakesNoSenseOfAConfigIsRefused(String json, String message) throws IOException {
        ContainerConfig config = Json.mapper().readerForUpdating(Fixtures.config(c -> { })).readValue(json);
        ApiException refusal = assertThrows(ApiException.class, () -> new SpecCompiler().compile(
                Fixtures.definition(Fixtures.id("a"), "box", config, Fixtures.host(host -> { }))));
        assertEquals(message.replace("\"", ""), refusal.getMessage());
        assertEquals(ApiException.Kind.INVALID, refusal.kind());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "'{\"OomScoreAdj\":2000}' | 'Invalid value 2000, range for oom score adj is [-1000, 1000]'",
        "'{\"Ulimits\":[{\"Name\":\"nosuch\",\"Soft\":1,\"Hard\":1}]}' | invalid ulimit type: nosuch",
        "'{\"Ulimits\":[{\"Name\":\"core\",\"Soft\":5,\"Hard\":2}]}' | ulimit soft limit must be less than or equal to hard limit: 5 > 2",
        "'{\"ExtraHosts\":[\"nocolon\"]}' | 'bad format for add-host: \"nocolon\"'",
        "'{\"ShmSize\":-1}' | SHM size can not be less than 0",
        "'{\"SecurityOpt\":[\"apparmor=mine\"]}' | 'the security option \"apparmor=mine\" is not supported by this version of berth'",
        "'{\"NetworkMode\":\"container:\"}' | 'invalid network mode: invalid container format container:<name|id>'",
        "'{\"LogConfig\":{\"Config\":{\"max-size\":\"x\"}}}' | 'failed to initialize logging driver: invalid size: ''x'''",
    })
    void whatMakesNoSenseOfAHostConfigIsRefused(String json, String message) throws IOException {
        HostConfig host = Json.mapper().readValue(json, HostConfig.class);
        assertEquals(message, assertThrows(ApiException.class, () -> new SpecCompiler().compile(
                Fixtures.definition(Fixtures.id("a"), "box", Fixtures.config(c -> { }), host))).getMessage());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "net.ipv4.ip_forward | bridge | ''",
        "kernel.shmmax | bridge | ''",
        "fs.mqueue.msg_max | host | ''",
        "net.ipv4.ip_forward | host | 'sysctl \"net.ipv4.ip_forward\" not allowed in host network namespace'",
        "kernel.panic | bridge | 'sysctl \"kernel.panic\" is not in a separate kernel namespace'",
        "vm.swappiness | none | 'sysctl \"vm.swappiness\" is not in a separate kernel namespace'",
        "kernel.shmmax/../panic | bridge | 'invalid sysctl \"kernel.shmmax/../panic\": its parts are separated by dots'",
    })
    void onlyParametersOfTheContainersOwnNamespacesMayBeSet(String name, String network, String message) {
        Consumer<HostConfig> host = h -> {
            h.networkMode = network;
            h.sysctls = Map.of(name, "1");
        };
        if (message.isEmpty()) {
            assertEquals(Map.of(name, "1"), hosted(host).program().sysctls());
        } else {
            assertEquals(message, assertThrows(ApiException.class, () -> hosted(host)).getMessage());
        }
    }

    private static ContainerSpec spec(Consumer<ContainerConfig> config) {
        return Fixtures.spec(config, host -> { });
    }

    private static ContainerSpec hosted(Consumer<HostConfig> host) {
        return Fixtures.spec(config -> { }, host);
    }
}
