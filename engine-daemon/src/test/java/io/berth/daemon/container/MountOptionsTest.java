package io.berth.daemon.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.berth.api.http.ApiException;
import io.berth.api.wire.Json;
import io.berth.api.wire.container.ContainerConfig;
import io.berth.api.wire.container.HostConfig;
import io.berth.daemon.spec.ContainerMount.HostFile;
import io.berth.daemon.spec.ContainerMount.InMemory;
import io.berth.daemon.spec.ContainerMount.InVolume;
import io.berth.daemon.spec.ContainerMount.OfImage;
import io.berth.daemon.spec.ContainerMount;
import io.berth.daemon.spec.Definition;
import io.berth.daemon.spec.MountOptions;
import io.berth.linux.file.InvalidPathException;
import io.berth.linux.mount.MountCalls;
import io.berth.linux.mount.MountSpec.Protection;
import io.berth.linux.mount.Propagation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The texts are the reference engine's, asked of it; it answers many of them with 500. */
class MountOptionsTest {

    private static final long USUAL = MountCalls.ATTR_NO_SUID | MountCalls.ATTR_NO_DEVICES | MountCalls.ATTR_NO_EXEC;
    private static final Path DATA_ROOT = Path.of("/var/lib/berth");

    @ParameterizedTest
    @CsvSource({"/src:/dst, '', NONE, RPRIVATE", "/src:/dst:ro, ro, TREE, RPRIVATE", "/src:/dst:rw, rw, NONE, RPRIVATE",
        "'/src:/dst:ro,z', 'ro,z', TREE, RPRIVATE", "//src/./:/a/../dst/, '', NONE, RPRIVATE", "/src:/dst:rslave, rslave, NONE, RSLAVE",
        "'/src:/dst:shared,ro', 'shared,ro', TREE, SHARED", "/src:/dst:, '', NONE, RPRIVATE", "/../src:/dst:cached, cached, NONE, RPRIVATE"})
    void aBindIsSourceDestinationAndMode(String bind, String mode, Protection protection, Propagation propagation) throws IOException {
        assertEquals(List.of(new HostFile("/src", "/dst", mode, protection, true, propagation, true)), binds(bind));
    }

    @ParameterizedTest
    @CsvSource({"data:/dst, data, z, NONE, false, true", "data:/dst:ro, data, ro, TREE, false, true",
        "'data:/dst:rw,nocopy', data, 'rw,nocopy', NONE, false, false", "/dst, '', z, NONE, true, true"})
    void aSourceThatIsNoPathIsAVolume(String bind, String name, String mode, Protection protection, boolean nameless, boolean filled)
            throws IOException {
        assertEquals(List.of(new InVolume(name, "/dst", mode, protection, nameless, filled, "")), binds(bind));
    }

    @ParameterizedTest
    @CsvSource({"/, RSLAVE", "/var/lib, RSLAVE", "/var/lib/berth, RSLAVE", "/var/lib/berth/volumes, RPRIVATE", "/var/li, RPRIVATE"})
    void whatHasTheEnginesOwnFilesBelowItIsASlave(String source, Propagation propagation) throws IOException {
        assertEquals(propagation, ((HostFile) binds(source + ":/dst").getFirst()).propagation());
        assertEquals(Propagation.PRIVATE, ((HostFile) binds(source + ":/dst:private").getFirst()).propagation());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "'' | \"invalid volume specification: ''\"",
        ":/a | \"invalid volume specification: ':/a'\"",
        "/a: | \"invalid volume specification: '/a:'\"",
        "/x:ro | \"invalid volume specification: '/x:ro'\"",
        "a | \"invalid volume specification: 'a': invalid mount config for type \"volume\": invalid mount path: 'a' mount path must be absolute\"",
        "a:b | \"invalid volume specification: 'a:b': invalid mount config for type \"volume\": invalid mount path: 'b' mount path must be absolute\"",
        "/src:/dst:bogus | invalid mode: bogus",
        "/src:/dst:ro,rw | invalid mode: ro,rw",
        "/src:/dst:rslave,private | invalid mode: rslave,private",
        "/src:/dst:rro | invalid mode: rro",
        "/a:/b:ro:z | \"invalid volume specification: '/a:/b:ro:z'\"",
        "/src:rel | \"invalid volume specification: '/src:rel': invalid mount config for type \"bind\": invalid mount path: 'rel' mount path must be absolute\"",
        "/src:/a/.. | \"invalid volume specification: '/src:/a/..': invalid mount config for type \"bind\": invalid specification: destination can't be '/'\"",
        "data:/ | \"invalid volume specification: 'data:/': invalid mount config for type \"volume\": invalid specification: destination can't be '/'\"",
        "/src:/dst:nocopy | \"invalid volume specification: '/src:/dst:nocopy': invalid mount config for type \"bind\": field VolumeOptions must not be specified\"",
        "data:/dst:rslave | \"invalid volume specification: 'data:/dst:rslave': invalid mount config for type \"volume\": field BindOptions must not be specified\"",
    })
    void aBindThatMakesNoSenseIsRefused(String bind, String message) {
        String expected = message.startsWith("\"") ? message.substring(1, message.length() - 1) : message;
        assertEquals(expected, assertThrows(ApiException.class, () -> binds(bind)).getMessage());
    }

    @Test
    void aPathIsTextWithoutANul() throws IOException {
        HostConfig host = read("{\"Binds\":[\"/a\\u0000b:/dst\"]}");
        assertThrows(InvalidPathException.class, () -> asked(host));
    }

    @Test
    void theLongFormSaysMoreAboutABind() throws IOException {
        assertEquals(List.of(new HostFile("/src", "/dst", "", Protection.TREE, false, Propagation.RPRIVATE, false)),
                mounts("'Type':'bind','Source':'/src','Target':'/dst','ReadOnly':true,'BindOptions':{'NonRecursive':true}"));
        assertEquals(List.of(new HostFile("/src", "/dst", "", Protection.TOP, true, Propagation.RSHARED, true)),
                mounts("'Type':'bind','Source':'/src','Target':'/dst','ReadOnly':true,"
                        + "'BindOptions':{'ReadOnlyNonRecursive':true,'Propagation':'rshared','CreateMountpoint':true}"));
        assertEquals(List.of(new HostFile("/src", "/dst", "", Protection.NONE, true, Propagation.RPRIVATE, false)),
                mounts("'Type':'bind','Source':'/src','Target':'/dst','BindOptions':{'ReadOnlyForceRecursive':true},'Consistency':'cached'"));
    }

    @Test
    void theLongFormSaysMoreAboutAVolumeAndAnImage() throws IOException {
        assertEquals(List.of(new InVolume("data", "/dst", "z", Protection.TREE, false, false, "a/c")),
                mounts("'Type':'volume','Source':'data','Target':'/dst/','ReadOnly':true,'VolumeOptions':{'Subpath':'a/b/../c','DriverConfig':{'Name':'local'}}"));
        assertEquals(List.of(new InVolume("", "/dst", "z", Protection.NONE, true, false, "")),
                mounts("'Type':'volume','Target':'/dst','VolumeOptions':{'NoCopy':true}"));
        assertEquals(List.of(new OfImage("box", "", "/dst", "bin")), mounts("'Type':'image','Source':'box','Target':'/dst','ImageOptions':{'Subpath':'bin'}"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', value = {
        "'Type':'foo','Target':'/x' | invalid mount config for type \"foo\": mount type unknown",
        "'Type':'npipe','Source':'a','Target':'/x' | invalid mount config for type \"npipe\": mount type unknown",
        "'Type':'bind','Source':'/src' | invalid mount config for type \"bind\": field Target must not be empty",
        "'Type':'bind','Target':'/x' | invalid mount config for type \"bind\": field Source must not be empty",
        "'Type':'bind','Source':'rel','Target':'/x' | invalid mount config for type \"bind\": invalid mount path: 'rel' mount path must be absolute",
        "'Type':'bind','Source':'/src','Target':'/x','BindOptions':{'Propagation':'foo'} | invalid mount config for type \"bind\": invalid propagation mode: foo",
        "'Type':'bind','Source':'/src','Target':'/x','VolumeOptions':{} | VolumeOptions must not be specified on mount type \"bind\"",
        "'Type':'volume','Source':'v','Target':'/x','BindOptions':{} | BindOptions must not be specified on mount type \"volume\"",
        "'Type':'volume','Target':'/x','ReadOnly':true | invalid mount config for type \"volume\": must not set ReadOnly mode when using anonymous volumes",
        "'Type':'volume','Source':'vv','Target':'/x','VolumeOptions':{'Subpath':'../b'} | invalid mount config for type \"volume\": subpath must be a relative path within the volume",
        "'Type':'volume','Source':'vv','Target':'/x','VolumeOptions':{'Subpath':'/b'} | invalid mount config for type \"volume\": subpath must be a relative path within the volume",
        "'Type':'volume','Target':'/x','VolumeOptions':{'Subpath':'b'} | invalid mount config for type \"volume\": must not set Subpath when using anonymous volumes",
        "'Type':'image','Target':'/x' | invalid mount config for type \"image\": field Source must not be empty",
        "'Type':'tmpfs','Source':'/src','Target':'/x' | invalid mount config for type \"tmpfs\": field Source must not be specified",
        "'Type':'tmpfs','Target':'/' | invalid mount config for type \"tmpfs\": invalid specification: destination can't be '/'",
        "'Type':'tmpfs','Target':'/x','TmpfsOptions':{'Options':[['a','b','c']]} | invalid mount config for type \"tmpfs\": invalid option array length",
        "'Type':'tmpfs','Target':'/x','TmpfsOptions':{'Options':[null]} | invalid mount config for type \"tmpfs\": invalid option array length",
        "'Type':'tmpfs','Target':'/x','TmpfsOptions':{'Options':[['uid','5']]} | invalid mount config for type \"tmpfs\": invalid option: uid",
        "'Type':'bind','Source':'/s','Target':'/x','ReadOnly':true,'BindOptions':{'ReadOnlyNonRecursive':true,'ReadOnlyForceRecursive':true} | mount options conflict: ReadOnlyNonRecursive && BindOptions.ReadOnlyForceRecursive"})
    void aMountThatMakesNoSenseIsRefused(String mount, String message) {
        assertEquals(message, assertThrows(ApiException.class, () -> mounts(mount)).getMessage());
    }

    @Test
    void filesInMemoryHaveAttributesAndOptions() throws IOException {
        assertEquals(List.of(new InMemory("/t", false, USUAL, Map.of())), asked(read("{\"Tmpfs\":{\"/t\":\"\"}}")));
        assertEquals(List.of(new InMemory("/t", false, MountCalls.ATTR_NO_SUID | MountCalls.ATTR_NO_DEVICES | MountCalls.ATTR_READ_ONLY,
                Map.of("size", "64m", "mode", "1777"))), asked(read("{\"Tmpfs\":{\"/t\":\"size=64m,exec,mode=1777,ro\"}}")));
        assertEquals(List.of(new InMemory("/t", true, USUAL & ~MountCalls.ATTR_NO_EXEC, Map.of("size", "1024", "mode", "700"))),
                mounts("'Type':'tmpfs','Target':'/t','TmpfsOptions':{'SizeBytes':1024,'Mode':448,'Options':[['exec']]}"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"/t | size=1m,bogus | invalid tmpfs option \"bogus\"", "/t | bogus=1 | invalid tmpfs option \"bogus\"",
        "\"t\" | \"\" | \"invalid mount path: 't' mount path must be absolute\"", "/ | \"\" | \"invalid specification: destination can't be '/'\""})
    void aTmpfsThatMakesNoSenseIsRefused(String path, String options, String message) throws IOException {
        HostConfig host = new HostConfig().with(asking -> asking.tmpfs = Map.of(unquoted(path), unquoted(options)));
        assertEquals(unquoted(message), assertThrows(ApiException.class, () -> asked(host)).getMessage());
    }

    private static String unquoted(String text) {
        return text.length() > 1 && text.startsWith("\"") && text.endsWith("\"") && (text.length() < 10 || text.indexOf('"', 1) == text.length() - 1)
                ? text.substring(1, text.length() - 1) : text;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', value = {"'Binds':['/1:/a'],'Tmpfs':{'/a/':''}", "'Binds':['/1:/a','v2:/a/']",
        "'Binds':['/1:/a'],'Mounts':[{'Type':'tmpfs','Target':'/a'}]"})
    void aDestinationIsMountedOnce(String options) throws IOException {
        HostConfig host = read("{" + options.replace('\'', '"') + "}");
        assertEquals("Duplicate mount point: /a", assertThrows(ApiException.class, () -> asked(host)).getMessage());
    }

    @Test
    void theImagesVolumesAreMountedWhereNothingElseIs() {
        ContainerConfig config = new ContainerConfig();
        config.volumes = Map.of("/a", Map.of(), "b/", Map.of());
        assertEquals(List.of(new InVolume("", "/b", "", Protection.NONE, true, true, "")), MountOptions.ofImage(config, Set.of("/a")));
    }

    @Test
    void whatIsMountedSurvivesTheJournal() throws IOException {
        List<ContainerMount> mounts = List.of(new HostFile("/s", "/d", "ro", Protection.TOP, false, Propagation.RSHARED, true),
                new InVolume("v1", "/v", "z", Protection.NONE, true, true, "sub"), new InMemory("/m", true, 14, Map.of("size", "1m")),
                new OfImage("box", Fixtures.IMAGE, "/i", "bin"));
        Definition definition = new Definition(Fixtures.id("a").hex(), "box", Fixtures.NOON.toString(), Fixtures.IMAGE, new ContainerConfig(),
                new HostConfig(), Map.of(), mounts, List.of(), false);
        assertEquals(mounts, ContainerRecord.read(ContainerRecord.created(definition).bytes()).definition().mounts());
    }

    @Test
    void aContainerFromBeforeThereWereVolumesKeepsItsBinds() throws IOException {
        String record = new String(ContainerRecord.created(Fixtures.definition(Fixtures.id("a"), "box", new ContainerConfig(),
                read("{\"Binds\":[\"/src:/dst\"]}"))).bytes(), java.nio.charset.StandardCharsets.UTF_8).replaceFirst(",\"Mounts\":\\[\\{\"Kind\".*?}]", "");
        assertEquals(List.of(new HostFile("/src", "/dst", "", Protection.NONE, true, Propagation.RPRIVATE, true)),
                ContainerRecord.read(record.getBytes(java.nio.charset.StandardCharsets.UTF_8)).definition().mounts());
    }

    private static List<ContainerMount> binds(String bind) throws IOException {
        return asked(read("{\"Binds\":[\"" + bind + "\"]}"));
    }

    private static List<ContainerMount> mounts(String mount) throws IOException {
        return asked(read("{\"Mounts\":[{" + mount.replace('\'', '"') + "}]}"));
    }

    private static List<ContainerMount> asked(HostConfig host) {
        return MountOptions.asked(host, DATA_ROOT);
    }

    private static HostConfig read(String json) throws IOException {
        return Json.mapper().readValue(json, HostConfig.class);
    }
}
