package io.berth.daemon.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.berth.api.http.ApiException;
import io.berth.api.wire.Json;
import io.berth.api.wire.container.HostConfig;
import io.berth.linux.file.BytePath;
import io.berth.linux.file.InvalidPathException;
import io.berth.linux.mount.MountCalls;
import io.berth.linux.mount.MountSpec;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MountOptionsTest {

    private static final long NOTHING_SPECIAL = MountCalls.ATTR_NO_SUID | MountCalls.ATTR_NO_DEVICES | MountCalls.ATTR_NO_EXEC;

    @ParameterizedTest
    @CsvSource({"/src:/dst, false", "/src:/dst:ro, true", "/src:/dst:rw, false", "'/src:/dst:ro,z', true", "//src/./:/a/../dst/, false",
        "/src:/dst:rprivate, false"})
    void aBindIsSourceDestinationAndOptions(String bind, boolean readOnly) throws IOException {
        HostConfig host = read("{\"Binds\":[\"" + bind + "\"]}");
        assertEquals(List.of(bind("/src", "/dst", readOnly, true)), MountOptions.specs(host));
        assertEquals(List.of(BytePath.of("/src")), MountOptions.madeSources(host));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "/only | the anonymous volume /only is not supported by this version of berth",
        "name:/dst | the named volume name is not supported by this version of berth",
        "/src:/dst:shared | 'the mount option \"shared\" is not supported by this version of berth'",
        "/src:/dst:bogus | \"invalid volume specification: '/src:/dst:bogus': invalid mode: bogus\"",
        "/a:/b:ro:z | \"invalid volume specification: '/a:/b:ro:z'\"",
        "/src:rel | \"invalid volume specification: '/src:rel': invalid mount config for type \"bind\": invalid mount path: 'rel' mount path must be absolute\"",
        "/src:/ | \"invalid volume specification: '/src:/': invalid specification: destination can't be '/'\"",
        "/src:/a/.. | \"invalid volume specification: '/src:/a/..': invalid specification: destination can't be '/'\"",
    })
    void aBindThatMakesNoSenseIsRefused(String bind, String message) throws IOException {
        HostConfig host = read("{\"Binds\":[\"" + bind + "\"]}");
        String expected = message.startsWith("\"") ? message.substring(1, message.length() - 1) : message;
        assertEquals(expected, assertThrows(ApiException.class, () -> MountOptions.specs(host)).getMessage());
    }

    @Test
    void aPathIsTextWithoutANul() throws IOException {
        HostConfig host = read("{\"Binds\":[\"/a\\u0000b:/dst\"]}");
        assertThrows(InvalidPathException.class, () -> MountOptions.specs(host));
    }

    @Test
    void aMountOfTheLongFormWantsItsSourceToBeThere() throws IOException {
        HostConfig host = read("{\"Mounts\":[{\"Type\":\"bind\",\"Source\":\"/src\",\"Target\":\"/dst\",\"ReadOnly\":true,"
                + "\"BindOptions\":{\"NonRecursive\":true}}]}");
        assertEquals(List.of(bind("/src", "/dst", true, false)), MountOptions.specs(host));
        assertEquals(List.of(), MountOptions.madeSources(host));
        HostConfig making = read("{\"Mounts\":[{\"Type\":\"bind\",\"Source\":\"/src\",\"Target\":\"/dst\",\"BindOptions\":{\"CreateMountpoint\":true}}]}");
        assertEquals(List.of(BytePath.of("/src")), MountOptions.madeSources(making));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"Type\":\"volume\",\"Source\":\"v\",\"Target\":\"/dst\"}", "{\"Type\":\"bind\",\"Source\":\"rel\",\"Target\":\"/dst\"}",
        "{\"Type\":\"bind\",\"Source\":\"/src\",\"Target\":\"rel\"}", "{\"Type\":\"tmpfs\",\"Source\":\"/src\",\"Target\":\"/dst\"}",
        "{\"Type\":\"bind\",\"Source\":\"/src\",\"Target\":\"/dst\",\"BindOptions\":{\"Propagation\":\"rshared\"}}",
        "{\"Type\":\"tmpfs\",\"Target\":\"/dst\",\"TmpfsOptions\":{\"Options\":[[\"exec\"]]}}"})
    void aMountThatIsNotSupportedOrMakesNoSenseIsRefused(String mount) throws IOException {
        HostConfig host = read("{\"Mounts\":[" + mount + "]}");
        assertThrows(ApiException.class, () -> MountOptions.specs(host));
    }

    @Test
    void filesInMemoryHaveAttributesAndOptions() throws IOException {
        assertEquals(List.of(new MountSpec.Tmpfs(BytePath.of("/t"), NOTHING_SPECIAL, Map.of())), MountOptions.specs(read("{\"Tmpfs\":{\"/t\":\"\"}}")));
        assertEquals(List.of(new MountSpec.Tmpfs(BytePath.of("/t"), MountCalls.ATTR_NO_SUID | MountCalls.ATTR_NO_DEVICES | MountCalls.ATTR_READ_ONLY,
                Map.of("size", "64m", "mode", "1777"))), MountOptions.specs(read("{\"Tmpfs\":{\"/t\":\"size=64m,exec,mode=1777,ro\"}}")));
        assertEquals(List.of(new MountSpec.Tmpfs(BytePath.of("/t"), NOTHING_SPECIAL, Map.of("size", "1024", "mode", "700"))),
                MountOptions.specs(read("{\"Mounts\":[{\"Type\":\"tmpfs\",\"Target\":\"/t\",\"TmpfsOptions\":{\"SizeBytes\":1024,\"Mode\":448}}]}")));
    }

    @Test
    void anUnknownOptionOfATmpfsIsRefused() throws IOException {
        HostConfig host = read("{\"Tmpfs\":{\"/t\":\"size=1m,bogus\"}}");
        assertEquals("invalid tmpfs option [\"bogus\"] in \"size=1m,bogus\"",
                assertThrows(ApiException.class, () -> MountOptions.specs(host)).getMessage());
    }

    @Test
    void whatLiesBelowAnotherMountComesAfterIt() throws IOException {
        HostConfig host = read("{\"Binds\":[\"/1:/a/b/c\",\"/2:/a\"],\"Tmpfs\":{\"/a/b\":\"\"}}");
        assertEquals(List.of("/a", "/a/b", "/a/b/c"), MountOptions.specs(host).stream().map(spec -> spec.destination().toString()).toList());
    }

    @Test
    void aDestinationIsMountedOnce() throws IOException {
        HostConfig host = read("{\"Binds\":[\"/1:/a\"],\"Tmpfs\":{\"/a/\":\"\"}}");
        assertEquals("Duplicate mount point: /a", assertThrows(ApiException.class, () -> MountOptions.specs(host)).getMessage());
    }

    private static MountSpec bind(String source, String destination, boolean readOnly, boolean recursive) {
        return new MountSpec.Bind(BytePath.of(source), BytePath.of(destination), readOnly, recursive);
    }

    private static HostConfig read(String json) throws IOException {
        return Json.mapper().readValue(json, HostConfig.class);
    }
}
