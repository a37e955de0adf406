package io.berth.daemon.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.berth.api.wire.Json;
import io.berth.api.wire.container.ContainerConfig;
import io.berth.store.image.ImageConfig;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageDefaultsTest {

    private static final ImageConfig IMAGE = image(new ImageConfig.Process("app", List.of("A=img", "B=img"), List.of("/e", "x"), List.of("c"),
            "/srv", Set.of("80/tcp"), Set.of("/data"), Map.of("a", "img", "b", "img"), "SIGQUIT", Optional.empty(), Optional.empty(), List.of(),
            List.of()));

    /** The rules of the reference engine, as it answered when it was asked. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{}                                    | [/e, x] | [c]",
        "{\"Cmd\":[\"own\"]}                       | [/e, x] | [own]",
        "{\"Cmd\":[]}                            | [/e, x] | [c]",
        "{\"Entrypoint\":null}                   | [/e, x] | [c]",
        "{\"Entrypoint\":[]}                     | []      | [c]",
        "{\"Entrypoint\":[],\"Cmd\":[\"own\"]}       | []      | [own]",
        "{\"Entrypoint\":[\"/own\"]}               | [/own]  | null",
        "{\"Entrypoint\":[\"/own\"],\"Cmd\":[\"a\"]}   | [/own]  | [a]",
        "{\"Entrypoint\":[\"\"],\"Cmd\":[\"own\"]}     | null    | [own]",
    })
    void entrypointAndCommandAreMerged(String asked, String entrypoint, String command) throws IOException {
        ContainerConfig merged = merge(asked);
        assertEquals(entrypoint, String.valueOf(merged.entrypoint));
        assertEquals(command, String.valueOf(merged.cmd));
    }

    @Test
    void anImageThatSaysNothingLeavesNothing() throws IOException {
        ContainerConfig merged = ImageDefaults.merge(read("{}"), image(ImageConfig.Process.NONE));
        assertNull(merged.entrypoint);
        assertNull(merged.cmd);
        assertEquals("", merged.user);
    }

    @Test
    void theClientsVariablesComeFirstAndHideTheImages() throws IOException {
        assertEquals(List.of("A=own", "C=own", "B=img"), merge("{\"Env\":[\"A=own\",\"C=own\"]}").env);
        assertEquals(List.of("B", "A=img"), merge("{\"Env\":[\"B\"]}").env);
    }

    @Test
    void labelsPortsAndVolumesAreUnited() throws IOException {
        ContainerConfig merged = merge("{\"Labels\":{\"a\":\"own\",\"c\":\"own\"},\"ExposedPorts\":{\"90/udp\":{}}}");
        assertEquals(Map.of("a", "own", "b", "img", "c", "own"), merged.labels);
        assertEquals(Set.of("80/tcp", "90/udp"), merged.exposedPorts.keySet());
        assertEquals(Set.of("/data"), merged.volumes.keySet());
    }

    @Test
    void singleValuesAreTheClientsOrElseTheImages() throws IOException {
        ContainerConfig images = merge("{}");
        assertEquals(List.of("app", "/srv", "SIGQUIT"), List.of(images.user, images.workingDir, images.stopSignal));
        ContainerConfig own = merge("{\"User\":\"me\",\"WorkingDir\":\"/own\",\"StopSignal\":\"INT\"}");
        assertEquals(List.of("me", "/own", "INT"), List.of(own.user, own.workingDir, own.stopSignal));
    }

    @Test
    void everythingElseTheClientSaidIsKept() throws IOException {
        String asked = "{\"Hostname\":\"h\",\"Domainname\":\"d\",\"AttachStdin\":true,\"AttachStdout\":true,\"AttachStderr\":true,\"Tty\":true,"
                + "\"OpenStdin\":true,\"StdinOnce\":true,\"ArgsEscaped\":true,\"Image\":\"i\",\"NetworkDisabled\":true,\"MacAddress\":\"m\","
                + "\"OnBuild\":[\"o\"],\"StopTimeout\":3,\"Shell\":[\"s\"]}";
        ContainerConfig merged = ImageDefaults.merge(read(asked), image(ImageConfig.Process.NONE));
        assertEquals(Json.mapper().valueToTree(read(asked)), Json.mapper().valueToTree(merged));
    }

    private static ContainerConfig merge(String asked) throws IOException {
        return ImageDefaults.merge(read(asked), IMAGE);
    }

    private static ContainerConfig read(String json) throws IOException {
        return Json.mapper().readValue(json, ContainerConfig.class);
    }

    private static ImageConfig image(ImageConfig.Process process) {
        return new ImageConfig("", "", "", "linux", "amd64", "", "", "", process, List.of(), List.of());
    }
}
