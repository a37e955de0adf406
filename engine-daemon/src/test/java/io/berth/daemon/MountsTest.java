package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bind mounts and what they propagate, images, parts of volumes, mounts on mounts. The host's side is what the engine sees. */
class MountsTest extends ContainerTest {

    private static final String IMAGE_WITH_DATA = "berth-test-content:latest";

    private Path source;

    @BeforeEach
    void makeSource() throws IOException {
        source = Files.createTempDirectory(engine.scratch(), "source");
        Files.setPosixFilePermissions(source, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.createDirectories(source.resolve("sub"));
        Files.writeString(source.resolve("file"), "of the host\n");
        if (docker("image", "inspect", IMAGE_WITH_DATA).code() != 0) {
            engine.docker().runWithInput(VolumeImage.rootFileSystem(), "import", "-", IMAGE_WITH_DATA).succeeded();
        }
    }

    @AfterEach
    void unmount() {
        removeContainers();
        engine.amongMounts("umount", "-R", "-l", source.toString());
        docker("volume", "rm", "-f", "berth-test-parts");
    }

    /** Makes the source a mount of its own, which is {@code shared} or {@code private}, with a file system in memory on {@code sub}. */
    private void mountSource(String propagation) {
        engine.amongMounts("mount", "--bind", source.toString(), source.toString()).succeeded();
        engine.amongMounts("mount", "--make-" + propagation, source.toString()).succeeded();
        engine.amongMounts("mount", "-t", "tmpfs", "below", source.resolve("sub").toString()).succeeded();
    }

    private boolean isMountedOnTheHost(String name) {
        return engine.amongMounts("mountpoint", "-q", source.resolve(name).toString()).code() == 0;
    }

    private static boolean isMountedInside(String container, String path) {
        return docker("exec", container, "grep", "-q", " " + path + " ", "/proc/mounts").code() == 0;
    }

    /** A directory in the place of sysfs has nothing that would have to be hidden; one that has it is hidden all the same. */
    @Test
    void aDirectoryOfTheHostTakesThePlaceOfSysfs() throws IOException {
        assertEquals("file\nsub\n", run("-v", source + ":/sys", IMAGE, "ls", "/sys").succeeded());
        Files.createDirectory(source.resolve("firmware"));
        Files.writeString(source.resolve("firmware/secret"), "x");
        assertEquals("", run("-v", source + ":/sys", IMAGE, "ls", "/sys/firmware").succeeded());
    }

    @Test
    void whatLiesOnProcIsProcAlsoBehindALinkOfTheImage() {
        assertFails(125, "not of type proc", run("-v", source + ":/proc", IMAGE, "true"));
        assertTrue(run("-v", "/proc:/proc", IMAGE, "cat", "/proc/version").succeeded().startsWith("Linux"));
        engine.requireBerth("the reference hides or refuses them in words of its own");
        String linked = runDetached(IMAGE, "sh", "-c", "ln -s /proc /toproc; ln -s / /toroot");
        docker("wait", linked).succeeded();
        docker("commit", linked, "berth-test-links:latest").succeeded();
        try {
            assertFails(125, "not of type proc", run("-v", source + ":/toproc", "berth-test-links", "true"));
            assertFails(125, "it is inside /proc", run("-v", source + ":/toproc/x", "berth-test-links", "true"));
            assertFails(125, "leads to the root itself", run("-v", source + ":/toroot", "berth-test-links", "true"));
        } finally {
            removeContainers();
            docker("rmi", "berth-test-links").succeeded();
        }
    }

    @ParameterizedTest
    @CsvSource({"rshared, true, true", "shared, true, true", "rslave, true, false", "slave, true, false", "rprivate, false, false", "private, false, false"})
    void aMountThatIsMadeLaterPropagatesAsItWasAskedFor(String propagation, boolean inwards, boolean outwards) throws IOException {
        mountSource("shared");
        Files.createDirectories(source.resolve("host"));
        Files.createDirectories(source.resolve("inside"));
        String container = runDetached("--privileged", "-v", source + ":/x:" + propagation, IMAGE, "sleep", "1000");
        assertTrue(isMountedInside(container, "/x/sub"));
        engine.amongMounts("mount", "-t", "tmpfs", "later", source.resolve("host").toString()).succeeded();
        docker("exec", container, "mount", "-t", "tmpfs", "later", "/x/inside").succeeded();
        assertEquals(inwards, isMountedInside(container, "/x/host"));
        assertEquals(outwards, isMountedOnTheHost("inside"));
        engine.amongMounts("umount", source.resolve("host").toString()).succeeded();
        docker("exec", container, "umount", "/x/inside").succeeded();
        assertFalse(isMountedInside(container, "/x/host"));
        assertFalse(isMountedOnTheHost("inside"));
        assertEquals(propagation, inspect(container, "range .Mounts}}{{.Propagation}}{{end"));
    }

    @Test
    void aMountBelowASharedOnePropagatesTooWithTheR() throws IOException {
        mountSource("shared");
        engine.amongMounts("mkdir", source.resolve("sub/host").toString()).succeeded();
        String container = runDetached("--mount", "type=bind,src=" + source + ",dst=/x,bind-propagation=rslave", IMAGE, "sleep", "1000");
        engine.amongMounts("mount", "-t", "tmpfs", "later", source.resolve("sub/host").toString()).succeeded();
        assertTrue(isMountedInside(container, "/x/sub/host"));
    }

    /** A container that ends leaves the host's mounts alone. */
    @Test
    void theEndOfAContainerUnmountsNothingOnTheHost() {
        mountSource("shared");
        run("--rm", "-v", source + ":/x:rshared", IMAGE, "true").succeeded();
        assertTrue(isMountedOnTheHost("sub"));
    }

    @ParameterizedTest
    @CsvSource({"rshared, a shared mount", "shared, a shared mount", "rslave, a shared or slave mount"})
    void aSourceOnAPrivateMountCannotPropagate(String propagation, String needed) {
        mountSource("private");
        Commands.Result refused = run("--rm", "-v", source + ":/x:" + propagation, IMAGE, "true");
        assertFails(125 /* run could not start it */, "path " + source + " is mounted on " + source + " but it is not " + needed, started(refused));
    }

    /** The CLI exits with 125, 126 or 127 by what it reads out of the message. */
    private static Commands.Result started(Commands.Result result) {
        return result.code() >= 125 && result.code() <= 127 ? new Commands.Result(result.command(), 125, result.out(), result.err()) : result;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"readonly | below: no, above: no", "readonly,bind-recursive=writable | below: yes, above: no",
        "readonly,bind-recursive=readonly,bind-propagation=rprivate | below: no, above: no", "bind-propagation=rprivate | below: yes, above: yes"})
    void readOnlyReachesWhatIsMountedBelowUnlessItIsSaid(String options, String expected) {
        mountSource("private");
        String script = "touch /x/sub/f 2>/dev/null && a=yes || a=no; touch /x/f 2>/dev/null && b=yes || b=no; echo below: $a, above: $b";
        assertEquals(expected, inside(script, "--mount", "type=bind,src=" + source + ",dst=/x," + options));
    }

    @Test
    void whatIsMountedBelowStaysOutWhenItIsSaid() {
        mountSource("private");
        assertEquals("no", inside("grep -q ' /x/sub ' /proc/mounts && echo yes || echo no", "--mount", "type=bind,src=" + source + ",dst=/x,bind-recursive=disabled"));
        assertEquals("no", inside("touch /x/sub/f 2>/dev/null && echo yes || echo no", "-v", source + ":/x:ro"));
    }

    @Test
    void theHostsRootIsASlaveUnlessItIsSaid() {
        String container = docker(marked("create", "-v", "/:/host", IMAGE, "true")).succeeded().strip();
        assertEquals("rslave", inspect(container, "range .Mounts}}{{.Propagation}}{{end"));
        assertEquals("", run("--rm", "-v", "/:/host", IMAGE, "test", "-d", "/host/etc").succeeded());
        if (!engine.isReference()) { // which refuses it, because it mounts below its own directories
            assertEquals("", run("--rm", "-v", "/:/host:rprivate", IMAGE, "test", "-d", "/host/etc").succeeded());
        }
    }

    @Test
    void mountsLieOnMountsInTheRightOrder() {
        String seen = inside("cat /x/file; ls /x/sub; cat /x/sub/deep; ls /x/sub/volume; grep -o ' /x[^ ]* ' /proc/mounts | sort",
                "--tmpfs", "/x/sub", "-v", source.resolve("file") + ":/x/sub/deep", "-v", "berth-test-parts:/x/sub/volume", "-v", source + ":/x");
        assertEquals("of the host\ndeep\nvolume\nof the host\n /x \n /x/sub \n /x/sub/deep \n /x/sub/volume", seen);
    }

    @Test
    void aTargetIsReachedThroughALinkOfTheImage() {
        assertEquals("of the host\n", run("--rm", "-v", source + ":/link/sub", IMAGE_WITH_DATA, "cat", "/data/inner/sub/file").succeeded());
        assertEquals("of the host\n", run("--rm", "-v", source.resolve("file") + ":/data/soft", IMAGE_WITH_DATA, "cat", "/data/inner/file").succeeded());
    }

    @Test
    void aDirectoryIsNotMountedOnAFile() {
        String needle = "Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists and is the expected type";
        assertFails(125, needle, started(run("--rm", "-v", source + ":/etc/passwd", IMAGE, "true")));
        assertFails(125, needle, started(run("--rm", "-v", source.resolve("file") + ":/etc", IMAGE, "true")));
    }

    @Test
    void aSourceOfTheLongFormHasToBeThereAtTheStartToo() throws IOException {
        Path going = Files.createDirectory(source.resolve("going"));
        String container = docker(marked("create", "--mount", "type=bind,src=" + going + ",dst=/x", IMAGE, "true")).succeeded().strip();
        Files.delete(going);
        assertFails(1, "invalid mount config for type \"bind\": bind source path does not exist: " + going, docker("start", container));
    }

    @Test
    void theLongFormMakesItsSourceWhenItIsSaid() {
        String body = "{\"Image\":\"" + IMAGE + "\",\"Cmd\":[\"touch\",\"/x/f\"],\"Labels\":{\"" + MARK + "\":\"\"},\"HostConfig\":{\"Mounts\":[{\"Type\":\"bind\",\"Source\":\""
                + source + "/made/here\",\"Target\":\"/x\",\"BindOptions\":{\"CreateMountpoint\":true}}]}}";
        String container = json(engine.request("POST", "/containers/create", body)).path("Id").asText();
        docker("start", "-a", container).succeeded();
        assertTrue(Files.exists(source.resolve("made/here/f")));
    }

    @Test
    void anImageIsMountedReadOnly() {
        String options = "type=image,src=" + IMAGE_WITH_DATA + ",dst=/img";
        assertEquals("content\nno", inside("cat /img/data/inner/file; touch /img/f 2>/dev/null && echo yes || echo no", "--mount", options));
        assertEquals("content", inside("cat /img/file", "--mount", options + ",image-subpath=data/inner"));
        assertEquals("content", inside("cat /img", "--mount", options + ",image-subpath=data/soft"));
        Commands.Result missing = run("--rm", "--mount", options + ",image-subpath=not/there", IMAGE, "true");
        assertFails(125, "cannot access path", started(missing));
        assertTrue(missing.err().contains("no such file or directory"), missing::toString);
    }

    @Test
    void inspectTellsOfTheImageThatIsMounted() {
        String container = docker(marked("create", "--mount", "type=image,src=" + IMAGE_WITH_DATA + ",dst=/img", IMAGE, "true")).succeeded().strip();
        assertEquals("image " + IMAGE_WITH_DATA + " /img   false rprivate",
                inspect(container, "range .Mounts}}{{.Type}} {{.Name}} {{.Destination}} {{.Driver}} {{.Mode}} {{.RW}} {{.Propagation}}{{end"));
        RawHttp.Answer missing = engine.request("POST", "/containers/create", "{\"Image\":\"" + IMAGE
                + "\",\"HostConfig\":{\"Mounts\":[{\"Type\":\"image\",\"Source\":\"berth-test-none\",\"Target\":\"/img\"}]}}");
        assertEquals("404 No such image: berth-test-none:latest", missing.status() + " " + message(missing));
    }

    @Test
    void anImageThatIsMountedIsInUse() {
        engine.docker().runWithInput(VolumeImage.rootFileSystem(), "import", "--change", "LABEL mounted=yes", "-", "berth-test-mounted:latest").succeeded();
        String container = docker(marked("create", "--mount", "type=image,src=berth-test-mounted,dst=/img", IMAGE, "true")).succeeded().strip();
        assertFails(1, "container " + container.substring(0, 12) + " is using its referenced image", docker("rmi", "berth-test-mounted"));
        docker("rm", container).succeeded();
        docker("rmi", "berth-test-mounted").succeeded();
    }

    @Test
    void aPartOfAVolumeIsMountedAndNoLinkLeadsOutOfIt() {
        inside("mkdir -p /v/a/b; echo part >/v/a/b/file; ln -s / /v/out; ln -s b /v/a/link", "-v", "berth-test-parts:/v");
        String volume = "type=volume,src=berth-test-parts,dst=/x,volume-subpath=";
        assertEquals("part", inside("cat /x/file", "--mount", volume + "a/b"));
        assertEquals("part", inside("cat /x/file", "--mount", volume + "a/link"));
        assertEquals("part", inside("cat /x", "--mount", volume + "a/b/file"));
        assertFails(125, "cannot access path", started(run("--rm", "--mount", volume + "a/c", IMAGE, "true")));
        Commands.Result outside = run("--rm", "--mount", volume + "out/etc", IMAGE, "ls", "/x/passwd");
        assertTrue(outside.code() != 0, outside::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"Binds\":[\"/tmp:/x\",\"/tmp:/x/\"]", "\"Binds\":[\"/tmp:/x\"],\"Tmpfs\":{\"/x\":\"\"}",
        "\"Mounts\":[{\"Type\":\"bind\",\"Source\":\"/tmp\",\"Target\":\"/x\"},{\"Type\":\"tmpfs\",\"Target\":\"/x\"}]",
        "\"Binds\":[\"/tmp:/x\"],\"Mounts\":[{\"Type\":\"bind\",\"Source\":\"/tmp\",\"Target\":\"/x\"}]"})
    void twoMountsOnOnePlaceAreRefused(String options) {
        RawHttp.Answer answer = engine.request("POST", "/containers/create", "{\"Image\":\"" + IMAGE + "\",\"Labels\":{\"" + MARK + "\":\"\"},\"HostConfig\":{" + options + "}}");
        assertEquals("400 Duplicate mount point: /x", answer.status() + " " + message(answer));
    }
}
