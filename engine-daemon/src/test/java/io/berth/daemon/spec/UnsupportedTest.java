package io.berth.daemon.spec;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.introspect.BeanPropertyDefinition;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.api.http.ApiException;
import io.berth.api.wire.Json;
import io.berth.api.wire.container.ContainerConfig;
import io.berth.api.wire.container.CreateContainerBody;
import io.berth.api.wire.container.HostConfig;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnsupportedTest {

    /** What the engine honours. Everything else that the API has is refused: a new field is, until somebody adds it here. */
    private static final Set<String> HONOURED_OF_HOST_CONFIG = Set.of("Annotations", "AutoRemove", "Binds", "CapAdd", "CapDrop", "CgroupnsMode",
            "ConsoleSize", "ContainerIDFile", "CpuPeriod", "CpuQuota", "CpuShares", "CpusetCpus", "CpusetMems", "Dns", "DnsOptions",
            "DnsSearch", "ExtraHosts", "GroupAdd", "Init", "IpcMode", "Isolation", "Links", "LogConfig", "MaskedPaths", "Memory",
            "MemoryReservation", "MemorySwap", "MemorySwappiness", "Mounts", "NanoCpus", "NetworkMode", "OomKillDisable", "OomScoreAdj",
            "PidMode", "PidsLimit", "PortBindings", "Privileged", "PublishAllPorts", "ReadonlyPaths", "ReadonlyRootfs", "RestartPolicy",
            "Runtime", "SecurityOpt", "ShmSize", "Sysctls", "Tmpfs", "UTSMode", "Ulimits", "UsernsMode", "VolumeDriver", "VolumesFrom");

    /** Of those, the ones that allow some values only. */
    private static final Set<String> HONOURED_IN_PART = Set.of("CgroupnsMode", "IpcMode", "Isolation", "LogConfig", "OomKillDisable",
            "MemorySwappiness", "PidMode", "Runtime", "UTSMode", "UsernsMode");

    private static final Set<String> HONOURED_OF_CONFIG = Set.of("ArgsEscaped", "AttachStderr", "AttachStdin", "AttachStdout", "Cmd",
            "Domainname", "Entrypoint", "Env", "ExposedPorts", "Healthcheck", "Hostname", "Image", "Labels", "MacAddress", "NetworkDisabled", "OnBuild",
            "OpenStdin", "Shell", "StdinOnce", "StopSignal", "StopTimeout", "Tty", "User", "Volumes", "WorkingDir");

    @ParameterizedTest
    @MethodSource("fieldsOfHostConfig")
    void everyFieldOfHostConfigIsHonouredOrRefusedByName(String field, Class<?> type) throws IOException {
        String body = "{\"HostConfig\":{\"" + field + "\":" + someValue(type) + "}}";
        if (!HONOURED_OF_HOST_CONFIG.contains(field)) {
            assertEquals("HostConfig." + field + " is not supported by this version of berth", refusal(body));
        } else if (!HONOURED_IN_PART.contains(field)) {
            assertAccepted(body);
        }
    }

    @ParameterizedTest
    @MethodSource("fieldsOfConfig")
    void everyFieldOfConfigIsHonouredOrRefusedByName(String field, Class<?> type) throws IOException {
        String body = "{\"" + field + "\":" + someValue(type) + "}";
        if (HONOURED_OF_CONFIG.contains(field)) {
            assertAccepted(body);
        } else {
            assertEquals(field + " is not supported by this version of berth", refusal(body));
        }
    }

    @Test
    void theListsNameRealFields() {
        Set<String> host = new TreeSet<>(HONOURED_OF_HOST_CONFIG);
        fields(HostConfig.class).keySet().forEach(host::remove);
        Set<String> config = new TreeSet<>(HONOURED_OF_CONFIG);
        fields(ContainerConfig.class).keySet().forEach(config::remove);
        assertEquals(Set.of(), host);
        assertEquals(Set.of(), config);
    }

    static Stream<Object[]> fieldsOfHostConfig() {
        return fields(HostConfig.class).entrySet().stream().map(field -> new Object[] {field.getKey(), field.getValue()});
    }

    static Stream<Object[]> fieldsOfConfig() {
        return fields(ContainerConfig.class).entrySet().stream().map(field -> new Object[] {field.getKey(), field.getValue()});
    }

    private static Map<String, Class<?>> fields(Class<?> wire) {
        BeanDescription description = Json.mapper().getSerializationConfig().introspect(Json.mapper().constructType(wire));
        Map<String, Class<?>> fields = new java.util.LinkedHashMap<>();
        for (BeanPropertyDefinition property : description.findProperties()) {
            boolean objects = property.getPrimaryType().isCollectionLikeType() && property.getPrimaryType().getContentType().isRecordType();
            fields.put(property.getName(), objects ? Record[].class : property.getRawPrimaryType());
        }
        return fields;
    }

    /** Something that is not the zero value. */
    private static String someValue(Class<?> type) {
        if (type == String.class) {
            return "\"some\"";
        } else if (type == boolean.class || type == Boolean.class) {
            return "true";
        } else if (type == java.util.List.class) {
            return "[null]";
        } else if (type == Record[].class) {
            return "[{}]";
        } else if (type == Map.class) {
            return "{\"some\":null}";
        } else if (Number.class.isAssignableFrom(type) || type.isPrimitive()) {
            return "7";
        }
        ObjectNode empty = Json.mapper().createObjectNode();
        empty.put("Type", "some").put("Name", "some").putArray("Test").add("CMD").add("true");
        return empty.toString();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "'{\"IpcMode\":\"host\"}' | 'IpcMode \"host\"'",
        "'{\"IpcMode\":\"shareable\"}' | 'IpcMode \"shareable\"'",
        "'{\"PidMode\":\"host\"}' | 'PidMode \"host\"'",
        "'{\"UTSMode\":\"host\"}' | 'UTSMode \"host\"'",
        "'{\"UsernsMode\":\"private\"}' | 'UsernsMode \"private\"'",
        "'{\"Runtime\":\"runsc\"}' | 'Runtime \"runsc\"'",
        "'{\"Isolation\":\"hyperv\"}' | 'Isolation \"hyperv\"'",
        "'{\"MemorySwappiness\":60}' | HostConfig.MemorySwappiness",
        "'{\"OomKillDisable\":true}' | HostConfig.OomKillDisable",
    })
    void valuesThatCannotBeHonouredAreRefusedByName(String host, String named) throws IOException {
        assertEquals(named + " is not supported by this version of berth", refusal("{\"HostConfig\":" + host + "}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"RestartPolicy\":{\"Name\":\"no\"}}", "{\"LogConfig\":{\"Type\":\"json-file\",\"Config\":{\"max-size\":\"1m\"}}}",
        "{\"MemorySwappiness\":-1,\"OomKillDisable\":false,\"Init\":false}", "{\"IpcMode\":\"private\",\"UsernsMode\":\"host\",\"Isolation\":\"default\"}",
        "{\"NetworkMode\":\"none\"}", "{\"MaskedPaths\":null,\"ReadonlyPaths\":null}"})
    void whatTheEngineDoesAnywayMayBeAskedFor(String host) {
        assertAccepted("{\"HostConfig\":" + host + "}");
    }

    @Test
    void aContainerSeesItsCgroupsInTheOneWayOfTheVersion() throws IOException {
        CreateContainerBody own = read("{\"HostConfig\":{\"CgroupnsMode\":\"private\"}}");
        CreateContainerBody shared = read("{\"HostConfig\":{\"CgroupnsMode\":\"host\"}}");
        assertDoesNotThrow(() -> Unsupported.refuse(own, 2));
        assertDoesNotThrow(() -> Unsupported.refuse(shared, 1));
        assertThrows(ApiException.class, () -> Unsupported.refuse(own, 1));
        assertThrows(ApiException.class, () -> Unsupported.refuse(shared, 2));
    }

    @Test
    void theDefaultNetworkHasSeveralNames() {
        assertAccepted("{\"HostConfig\":{\"NetworkMode\":\"bridge\"},\"NetworkingConfig\":{\"EndpointsConfig\":{\"default\":{}}}}");
    }

    private static CreateContainerBody read(String body) throws IOException {
        return Json.mapper().readValue(body, CreateContainerBody.class);
    }

    private static void assertAccepted(String body) {
        assertDoesNotThrow(() -> Unsupported.refuse(read(body), 2));
    }

    /** docker for Python writes a network's name and nothing else so. */
    @Test
    void nullIsANetworkWithoutSettings() {
        assertAccepted("{\"NetworkingConfig\":{\"EndpointsConfig\":{\"bridge\":null}}}");
    }

    private static String refusal(String body) throws IOException {
        CreateContainerBody read = read(body);
        return assertThrows(ApiException.class, () -> Unsupported.refuse(read, 2)).getMessage();
    }
}
