package io.berth.api.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.api.wire.container.ContainerSummary;
import io.berth.api.wire.container.CreateContainerBody;
import io.berth.api.wire.container.CreateContainerResponse;
import io.berth.api.wire.container.HostConfig;
import io.berth.api.wire.container.InspectContainer;
import io.berth.api.wire.container.TopResponse;
import io.berth.api.wire.container.WaitResponse;
import io.berth.api.wire.image.HistoryEntry;
import io.berth.api.wire.image.ImageSummary;
import io.berth.api.wire.image.InspectImage;
import io.berth.api.wire.image.Progress;
import io.berth.api.wire.image.RemovedImage;
import io.berth.api.wire.network.InspectNetwork;
import io.berth.api.wire.registry.AuthRequest;
import io.berth.api.wire.system.DiskUsage;
import io.berth.api.wire.system.Event;
import io.berth.api.wire.system.InfoResponse;
import io.berth.api.wire.system.VersionResponse;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The shapes on the wire against answers recorded from the reference engine, release 28.5 (API 1.51). */
class ReferenceShapesTest {
    private static final Map<String, Class<?>> SHAPES = Map.ofEntries(Map.entry("InspectContainer", InspectContainer.class),
            Map.entry("ContainerSummary", ContainerSummary[].class), Map.entry("TopResponse", TopResponse.class),
            Map.entry("ImageSummary", ImageSummary[].class), Map.entry("InspectImage", InspectImage.class),
            Map.entry("HistoryEntry", HistoryEntry[].class), Map.entry("VersionResponse", VersionResponse.class),
            Map.entry("InfoResponse", InfoResponse.class), Map.entry("DiskUsage", DiskUsage.class),
            Map.entry("InspectNetwork", InspectNetwork.class), Map.entry("NetworkList", InspectNetwork[].class));

    /** Reading an answer into our shape and writing it again must give every field, in its order, null where it was null. */
    @ParameterizedTest
    @CsvSource({"container-running,InspectContainer", "container-with-options,InspectContainer",
        "container-created-sized,InspectContainer", "containers,ContainerSummary", "top,TopResponse", "images,ImageSummary",
        "image,InspectImage", "history,HistoryEntry", "version,VersionResponse", "info,InfoResponse", "disk-usage,DiskUsage",
        "network,InspectNetwork", "networks,NetworkList"})
    void anAnswerOfTheReferenceSurvivesOurShapes(String file, String shape) throws IOException {
        try (InputStream resource = getClass().getResourceAsStream("/reference/" + file + ".json")) {
            String recorded = new String(resource.readAllBytes(), StandardCharsets.UTF_8).strip();
            assertEquals(recorded, text(Json.mapper().readValue(recorded, SHAPES.get(shape))));
        }
    }

    @Test
    void freshShapesHaveNoNullWhereClientsDereference() {
        String inspect = text(new InspectContainer());
        for (String field : List.of("State", "Config", "HostConfig", "NetworkSettings", "Mounts", "GraphDriver", "Labels", "Env",
                "Networks", "Ports", "LogConfig", "RestartPolicy")) {
            assertTrue(inspect.contains("\"" + field + "\":"), field);
            assertTrue(!inspect.contains("\"" + field + "\":null"), field);
        }
        String info = text(new InfoResponse());
        for (String field : List.of("DriverStatus", "Plugins", "RegistryConfig", "Runtimes", "Swarm", "SecurityOptions", "Labels")) {
            assertTrue(info.contains("\"" + field + "\":") && !info.contains("\"" + field + "\":null"), field);
        }
        assertEquals("{\"Id\":\"1\",\"Warnings\":[]}", text(new CreateContainerResponse("1", List.of())));
    }

    @Test
    void aCreateRequestIsReadAsClientsWriteIt() throws IOException {
        CreateContainerBody body = Json.mapper().readValue("""
                {"Image":"busybox","Cmd":"one text","Entrypoint":[],"Env":null,"ExposedPorts":{"80/tcp":{}},"Unknown":1,
                 "labels":{"a":"b"},"HostConfig":{"Memory":1000,"PidsLimit":null,"NetworkMode":"host","PortBindings":{"80/tcp":null},
                 "RestartPolicy":{"Name":""},"Mounts":[{"Type":"bind","Source":"/s","Target":"/t"}],"LogConfig":{}},
                 "NetworkingConfig":{"EndpointsConfig":{"net":null,"other":{"Aliases":["x"]}}}}""", CreateContainerBody.class);
        assertEquals(List.of("one text"), body.cmd);
        assertEquals(List.of(), body.entrypoint);
        assertEquals(List.of(), body.env);
        assertEquals(Map.of("a", "b"), body.labels);
        assertEquals("", body.user);
        assertEquals(1000, body.hostConfig.memory);
        assertEquals("/t", body.hostConfig.mounts.getFirst().target());
        assertEquals("", body.hostConfig.mounts.getFirst().consistency());
        assertEquals("", body.hostConfig.logConfig.type());
        assertEquals(Map.of(), body.hostConfig.logConfig.config());
        assertEquals(List.of("x"), body.networkingConfig.endpointsConfig.get("other").aliases);
        assertEquals(List.of("ExposedPorts", "Cmd", "Image", "Entrypoint", "Labels"), body.given());
        assertEquals(List.of("NetworkMode", "PortBindings", "Memory", "Mounts"), body.hostConfig.given());
    }

    @Test
    void aChangedHostConfigLeavesTheOriginal() {
        HostConfig original = new HostConfig();
        HostConfig changed = original.with(config -> config.networkMode = "bridge");
        assertEquals("bridge", changed.networkMode);
        assertEquals("", original.networkMode);
        assertEquals(List.of("NetworkMode"), changed.given());
    }

    @Test
    void eventsCarryTheLegacyFieldsOfContainersAndImagesOnly() {
        Instant at = Instant.ofEpochSecond(1795362247, 940324280);
        assertEquals("""
                {"status":"create","id":"c1","from":"busybox","Type":"container","Action":"create",\
                "Actor":{"ID":"c1","Attributes":{"image":"busybox","name":"g1"}},"scope":"local","time":1795362247,\
                "timeNano":1795362247940324280}""", text(Event.of("container", "create", "c1", Map.of("name", "g1", "image", "busybox"), at)));
        assertEquals("""
                {"status":"tag","id":"sha256:1","Type":"image","Action":"tag","Actor":{"ID":"sha256:1","Attributes":{"name":"a:b"}},\
                "scope":"local","time":1795362247,"timeNano":1795362247940324280}""",
                text(Event.of("image", "tag", "sha256:1", Map.of("name", "a:b"), at)));
        assertEquals("""
                {"Type":"network","Action":"connect","Actor":{"ID":"n1","Attributes":{"name":"bridge"}},\
                "scope":"local","time":1795362247,"timeNano":1795362247940324280}""",
                text(Event.of("network", "connect", "n1", Map.of("name", "bridge"), at)));
    }

    @Test
    void smallAnswersAreExact() {
        assertEquals("{\"StatusCode\":3}", text(WaitResponse.exited(3)));
        assertEquals("{\"stream\":\"Loaded image: a:b\\n\"}", text(Progress.text("Loaded image: a:b\n")));
        assertEquals("{\"errorDetail\":{\"message\":\"unexpected EOF\"},\"error\":\"unexpected EOF\"}", text(Progress.failed("unexpected EOF")));
        assertEquals("{\"status\":\"Loading layer\",\"progressDetail\":{\"current\":1,\"total\":2},\"progress\":\"[" + "=".repeat(25) + ">"
                + " ".repeat(25) + "]       1B/2B\",\"id\":\"abc\"}",
                text(Progress.step("abc", "Loading layer", 1, 2)));
        assertEquals("{\"Untagged\":\"foo:1\"}", text(RemovedImage.ofReference("foo:1")));
        assertEquals("{\"Deleted\":\"sha256:1\"}", text(RemovedImage.ofId("sha256:1")));
    }

    @Test
    void credentialsAreNotShownInMessages() throws IOException {
        AuthRequest request = Json.mapper().readValue("{\"username\":\"me\",\"password\":\"secret\",\"serveraddress\":\"r\"}", AuthRequest.class);
        assertEquals("secret", request.password());
        assertEquals("", request.identityToken());
        assertEquals("AuthRequest[me at r]", request.toString());
    }

    private static String text(Object value) {
        return new String(Json.bytes(value), StandardCharsets.UTF_8);
    }
}
