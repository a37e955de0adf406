package io.berth.api.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import io.berth.api.wire.container.CreateContainerBody;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A null of JSON is the zero value of its type wherever it stands, as the reference engine reads it. */
class NullsTest {

    @Test
    void aNullAmongTextsIsTheEmptyText() throws IOException {
        CreateContainerBody body = read("{\"Env\":[null,\"A=1\"],\"Cmd\":[null],\"Labels\":{\"a\":null},"
                + "\"HostConfig\":{\"Binds\":[null],\"Tmpfs\":{\"/x\":null},\"LogConfig\":{\"Config\":{\"max-size\":null}}}}");
        assertEquals(List.of("", "A=1"), body.env);
        assertEquals(List.of(""), body.cmd);
        assertEquals(Map.of("a", ""), body.labels);
        assertEquals(List.of(""), body.hostConfig.binds);
        assertEquals(Map.of("/x", ""), body.hostConfig.tmpfs);
        assertEquals(Map.of("max-size", ""), body.hostConfig.logConfig.config());
    }

    @Test
    void aNullForTheBindingsOfAPortIsThereAsClientsSendIt() throws IOException {
        CreateContainerBody body = read("{\"Volumes\":{\"/x\":null},\"ExposedPorts\":{\"80/tcp\":null},\"HostConfig\":{\"PortBindings\":{\"80/tcp\":null}}}");
        assertEquals(Set.of("/x"), body.volumes.keySet());
        assertEquals(Set.of("80/tcp"), body.exposedPorts.keySet());
        assertEquals(Set.of("80/tcp"), body.hostConfig.portBindings.keySet());
    }

    @Test
    void aNullAmongNumbersIsZero() throws IOException {
        assertEquals(List.of(0, 1), read("{\"HostConfig\":{\"ConsoleSize\":[null,1]}}").hostConfig.consoleSize);
    }

    /** The reference makes an object without values of it, and has crashed over one of them. */
    @ParameterizedTest
    @ValueSource(strings = {"\"Mounts\":[null]", "\"Ulimits\":[null]", "\"Devices\":[null]", "\"DeviceRequests\":[null]",
        "\"BlkioWeightDevice\":[null]"})
    void aNullAmongObjectsIsRefused(String field) {
        assertThrows(MismatchedInputException.class, () -> read("{\"HostConfig\":{" + field + "}}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"Sysctls\":{\"a\":null}", "\"CapAdd\":[null]", "\"MaskedPaths\":[null]", "\"ExtraHosts\":[null]"})
    void noListOfTextsHoldsANull(String field) throws IOException {
        assertFalse(new String(Json.bytes(read("{\"HostConfig\":{" + field + "}}").hostConfig), StandardCharsets.UTF_8).contains("[null"), field);
    }

    private static CreateContainerBody read(String json) throws IOException {
        return Json.mapper().readValue(json, CreateContainerBody.class);
    }
}
