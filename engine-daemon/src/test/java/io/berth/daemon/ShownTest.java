package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What the docker CLI shows of an engine with containers in it: no error, and no field that is missing. */
class ShownTest extends ContainerTest {

    @Test
    void everyViewOfTheCliIsComplete() {
        String id = runDetached("-p", "47812:80", "-v", "/tmp:/shared:ro", IMAGE, "sleep", "1000");
        docker("wait", runDetached(IMAGE, "true")).succeeded();
        for (List<String> command : List.of(List.of("version"), List.of("info"), List.of("ps", "-a", "-s"), List.of("ps", "-a", "--no-trunc"),
                List.of("images", "-a", "--digests"), List.of("inspect", id), List.of("image", "inspect", IMAGE), List.of("history", IMAGE),
                List.of("port", id), List.of("system", "df"), List.of("system", "df", "-v"),
                List.of("events", "--since", "1h", "--until", java.time.Instant.now().toString()))) {
            Commands.Result result = docker(command.toArray(String[]::new));
            String shown = result.succeeded() + result.err();
            assertFalse(shown.contains("<no value>") || shown.contains("ERROR") || shown.contains("<nil>"), command + "\n" + shown);
        }
    }

    @Test
    void psShowsWhatAContainerIsAndDoes() {
        String id = runDetached("--name", "berth-test-shown", "-p", "127.0.0.1:47813:80", "-v", "/tmp:/shared", IMAGE, "sleep", "1000");
        String row = docker("ps", "--no-trunc", "--filter", "id=" + id, "--format",
                "{{.ID}}|{{.Image}}|{{.Command}}|{{.Names}}|{{.Ports}}|{{.State}}|{{.Networks}}|{{.Mounts}}|{{.LocalVolumes}}|{{.Label \"" + MARK + "\"}}|{{.Status}}")
                .succeeded().strip();
        assertTrue(row.startsWith(id + "|" + IMAGE + "|\"sleep 1000\"|berth-test-shown|127.0.0.1:47813->80/tcp|running|bridge|/tmp|0||Up "), row);
    }

    @Test
    void inspectHasEveryFieldThatClientsDereference() {
        String id = runDetached("-p", "47814:80", IMAGE, "sleep", "1000");
        for (String field : List.of(".Id", ".Created", ".Path", ".Args", ".State.Status", ".State.Running", ".State.Paused", ".State.Restarting",
                ".State.OOMKilled", ".State.Dead", ".State.Pid", ".State.ExitCode", ".State.Error", ".State.StartedAt", ".State.FinishedAt", ".Image",
                ".ResolvConfPath", ".HostnamePath", ".HostsPath", ".LogPath", ".Name", ".RestartCount", ".Driver", ".Platform", ".MountLabel",
                ".ProcessLabel", ".AppArmorProfile", ".ExecIDs", ".HostConfig.NetworkMode", ".HostConfig.RestartPolicy.Name", ".HostConfig.Binds",
                ".HostConfig.PortBindings", ".HostConfig.AutoRemove", ".HostConfig.LogConfig.Type", ".HostConfig.Memory", ".HostConfig.CapAdd",
                ".HostConfig.ShmSize", ".HostConfig.Runtime", ".HostConfig.MaskedPaths", ".HostConfig.ReadonlyPaths", ".GraphDriver.Name", ".Mounts",
                ".Config.Hostname", ".Config.User", ".Config.Env", ".Config.Cmd", ".Config.Image", ".Config.WorkingDir", ".Config.Entrypoint",
                ".Config.Labels", ".Config.Tty", ".NetworkSettings.Ports", ".NetworkSettings.Networks.bridge.IPAddress",
                ".NetworkSettings.Networks.bridge.Gateway", ".NetworkSettings.Networks.bridge.MacAddress",
                ".NetworkSettings.Networks.bridge.NetworkID", ".NetworkSettings.Networks.bridge.EndpointID", ".NetworkSettings.IPAddress",
                ".NetworkSettings.Gateway", ".NetworkSettings.SandboxKey", ".NetworkSettings.Networks.bridge.Aliases",
                ".NetworkSettings.Networks.bridge.DNSNames")) {
            Commands.Result shown = docker("container", "inspect", "--format", "{{" + field + "}}", id);
            assertFalse(shown.succeeded().contains("<no value>"), field);
        }
        assertEquals("47814", inspect(id, "(index (index .NetworkSettings.Ports \"80/tcp\") 0).HostPort"));
    }

    /** The names of the reference's answer, so that a client finds each of them here too. */
    @Test
    void inspectHasTheFieldsOfTheReference() {
        String id = runDetached(IMAGE, "sleep", "1000");
        JsonNode container = json(engine.get("/v1.51/containers/" + id + "/json"));
        assertEquals(Set.of(), missing(container, "Id Created Path Args State Image ResolvConfPath HostnamePath HostsPath LogPath Name RestartCount Driver"
                + " Platform MountLabel ProcessLabel AppArmorProfile ExecIDs HostConfig GraphDriver Mounts Config NetworkSettings"));
        assertEquals(Set.of(), missing(container.get("State"), "Status Running Paused Restarting OOMKilled Dead Pid ExitCode Error StartedAt FinishedAt"));
        assertEquals(Set.of(), missing(container.get("HostConfig"), "Binds ContainerIDFile LogConfig NetworkMode PortBindings RestartPolicy AutoRemove"
                + " VolumeDriver VolumesFrom ConsoleSize CapAdd CapDrop CgroupnsMode Dns DnsOptions DnsSearch ExtraHosts GroupAdd IpcMode Cgroup Links"
                + " OomScoreAdj PidMode Privileged PublishAllPorts ReadonlyRootfs SecurityOpt UTSMode UsernsMode ShmSize Runtime Isolation CpuShares"
                + " Memory NanoCpus CgroupParent BlkioWeight BlkioWeightDevice BlkioDeviceReadBps CpuPeriod CpuQuota CpuRealtimePeriod CpuRealtimeRuntime"
                + " CpusetCpus CpusetMems Devices DeviceCgroupRules DeviceRequests MemoryReservation MemorySwap MemorySwappiness OomKillDisable PidsLimit"
                + " Ulimits CpuCount CpuPercent IOMaximumIOps IOMaximumBandwidth MaskedPaths ReadonlyPaths"));
        assertEquals(Set.of(), missing(container.get("Config"), "Hostname Domainname User AttachStdin AttachStdout AttachStderr Tty OpenStdin StdinOnce Env"
                + " Cmd Image Volumes WorkingDir Entrypoint Labels"));
        assertEquals(Set.of(), missing(container.get("NetworkSettings"), "Bridge SandboxID SandboxKey Ports HairpinMode LinkLocalIPv6Address"
                + " LinkLocalIPv6PrefixLen SecondaryIPAddresses SecondaryIPv6Addresses EndpointID Gateway GlobalIPv6Address GlobalIPv6PrefixLen IPAddress"
                + " IPPrefixLen IPv6Gateway MacAddress Networks"));
        assertEquals(Set.of(), missing(container.at("/NetworkSettings/Networks/bridge"), "IPAMConfig Links Aliases MacAddress DriverOpts GwPriority NetworkID"
                + " EndpointID Gateway IPAddress IPPrefixLen IPv6Gateway GlobalIPv6Address GlobalIPv6PrefixLen DNSNames"));
    }

    private static Set<String> missing(JsonNode object, String names) {
        Set<String> missing = new TreeSet<>(List.of(names.split(" ")));
        object.fieldNames().forEachRemaining(missing::remove);
        return missing;
    }

    @Test
    void whatHasNeverRunHasNoFilesAndNoNetwork() {
        String id = json(engine.request("POST", "/v1.51/containers/create", "{\"Image\":\"" + IMAGE + "\",\"Labels\":{\"" + MARK + "\":\"\"}}"))
                .get("Id").asText();
        JsonNode created = json(engine.get("/v1.51/containers/" + id + "/json"));
        for (String field : List.of("/ResolvConfPath", "/HostnamePath", "/HostsPath", "/LogPath", "/NetworkSettings/Networks/bridge/NetworkID")) {
            assertEquals("", created.at(field).asText(), field);
        }
        assertFalse(created.at("/State/OOMKilled").asBoolean());
        docker("start", id).succeeded();
        docker("wait", id).succeeded();
        JsonNode ended = json(engine.get("/v1.51/containers/" + id + "/json"));
        for (String field : List.of("/ResolvConfPath", "/HostnamePath", "/HostsPath", "/LogPath", "/NetworkSettings/Networks/bridge/NetworkID")) {
            assertFalse(ended.at(field).asText().isEmpty(), field);
        }
    }

    @Test
    void exposedPortsAreThoseOfTheBridge() {
        for (String network : List.of("bridge", "host", "none")) {
            String id = runDetached("--expose", "80", "--network", network, IMAGE, "sleep", "1000");
            boolean bridge = network.equals("bridge");
            JsonNode settings = json(engine.get("/v1.51/containers/" + id + "/json")).get("NetworkSettings");
            assertEquals(bridge, settings.get("Ports").has("80/tcp"), network);
            assertEquals(bridge, !settings.get("EndpointID").asText().isEmpty(), network);
            assertEquals(bridge ? "80/tcp" : "", docker("ps", "--filter", "id=" + id, "--format", "{{.Ports}}").succeeded().strip(), network);
        }
    }

    @Test
    void aContainersImageIsFoundUnderEachOfItsNames() {
        String id = docker(marked("create", IMAGE)).succeeded().strip();
        docker("tag", IMAGE, "berth-test-other:1").succeeded();
        try {
            for (String name : List.of(IMAGE, "berth-test", "docker.io/library/berth-test", "berth-test-other:1", inspect(id, ".Image"))) {
                assertEquals(id, docker("ps", "-aq", "--no-trunc", "--filter", "ancestor=" + name, "--filter", "id=" + id).succeeded().strip(), name);
            }
            assertEquals("", docker("ps", "-aq", "--filter", "ancestor=berth-test-other").succeeded());
            String child = docker("commit", id, "berth-test-child").succeeded().strip();
            String grown = docker(marked("create", child)).succeeded().strip();
            for (String name : List.of(IMAGE, "berth-test-child")) {
                assertEquals(grown, docker("ps", "-aq", "--no-trunc", "--filter", "ancestor=" + name, "--filter", "id=" + grown).succeeded().strip(), name);
            }
            docker("rm", grown).succeeded();
        } finally {
            docker("rmi", "berth-test-other:1", "berth-test-child");
        }
    }
}
