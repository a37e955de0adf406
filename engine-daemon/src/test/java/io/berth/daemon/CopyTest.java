package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code docker cp} and the archive operations behind it, in both directions and in every state of a container. */
class CopyTest extends CopyCase {

    @Test
    void fileGoesIntoCreatedContainerAndIsThereWhenItRuns() throws Exception {
        Path file = Files.writeString(scratch().resolve("note"), "hello");
        String id = docker(marked("create", IMAGE, "cat", "/tmp/note")).succeeded().strip();
        docker("cp", file.toString(), id + ":/tmp").succeeded();
        assertEquals("hello", docker("start", "-a", id).succeeded());
    }

    @Test
    void filesComeOutOfRunningAndStoppedContainers() throws Exception {
        String id = running("mkdir -p /a/b; echo 1 > /a/b/c; ln -s b/c /a/link");
        for (String state : List.of("running", "exited")) {
            awaitState(id, state);
            Path target = scratch();
            docker("cp", id + ":/a", target.toString()).succeeded();
            assertEquals("1\n", Files.readString(target.resolve("a/b/c")));
            assertTrue(Files.isSymbolicLink(target.resolve("a/link")));
            docker("cp", "-L", id + ":/a/link", target.resolve("followed").toString()).succeeded();
            assertEquals("1\n", Files.readString(target.resolve("followed")));
            docker("stop", "-t", "0", id).succeeded();
        }
    }

    @Test
    void directoryIsCopiedIntoOrBesideAnother() throws Exception {
        Path source = Files.createDirectories(scratch().resolve("src"));
        Files.writeString(source.resolve("f"), "x");
        String id = running("mkdir /into");
        docker("cp", source.toString(), id + ":/into").succeeded();
        docker("cp", source + "/.", id + ":/into").succeeded();
        docker("cp", source.toString(), id + ":/renamed").succeeded();
        assertEquals(List.of("into/", "into/f", "into/src/", "into/src/f"), names(archive(id, "/into")));
        assertEquals(List.of("renamed/", "renamed/f"), names(archive(id, "/renamed")));
    }

    @Test
    void tarGoesInAndOutThroughTheStandardStreams() throws Exception {
        String id = created();
        engine.docker().runWithInput(tar(tar -> file(tar, "deep/er/f", "stream")), "cp", "-", id + ":/tmp").succeeded();
        assertEquals("stream", cat(id, "/tmp/deep/er/f"));
        assertTrue(docker("cp", id + ":/tmp/deep", "-").succeeded().contains("stream"));
    }

    @Test
    void hardLinksDevicesAndModesAreInTheTar() throws Exception {
        String id = running("mkdir /d; cd /d; echo hi > f; ln f hard; ln -s /none l; mkfifo p; mknod c c 1 3; chmod 4755 f");
        List<String> kinds = new ArrayList<>();
        try (TarArchiveInputStream in = new TarArchiveInputStream(new ByteArrayInputStream(archive(id, "/d")))) {
            for (TarArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                kinds.add(entry.getName() + " " + (char) entry.getLinkFlag() + " " + entry.getLinkName());
                if (entry.getName().equals("d/f")) {
                    assertEquals(04755, entry.getMode() & 07777);
                }
            }
        }
        assertEquals(List.of("d/ 5 ", "d/c 3 ", "d/f 0 ", "d/hard 1 d/f", "d/l 2 /none", "d/p 6 "), kinds);
    }

    @Test
    void ownersModesAndTimesAreKeptBothWays() throws Exception {
        String id = created();
        byte[] tar = tar(out -> {
            TarArchiveEntry entry = new TarArchiveEntry("f");
            entry.setIds(70000, 3000);
            entry.setMode(0104750);
            entry.setModTime(1_600_000_000_000L);
            out.putArchiveEntry(entry);
            out.closeArchiveEntry();
        });
        assertEquals(200, put(id, "path=/tmp", tar).status());
        try (TarArchiveInputStream in = new TarArchiveInputStream(new ByteArrayInputStream(archive(id, "/tmp/f")))) {
            TarArchiveEntry entry = in.getNextEntry();
            assertEquals(List.of(70000L, 3000L), List.of(entry.getLongUserId(), entry.getLongGroupId()));
            assertEquals(04750, entry.getMode() & 07777);
            assertEquals(1_600_000_000_000L, entry.getLastModifiedDate().getTime());
        }
    }

    @Test
    void copyOfOwnershipGivesEverythingToTheContainersUser() throws Exception {
        String id = created("-u", "user");
        assertEquals(200, put(id, "path=/tmp&copyUIDGID=true", tar(tar -> file(tar, "f", ""))).status());
        try (TarArchiveInputStream in = new TarArchiveInputStream(new ByteArrayInputStream(archive(id, "/tmp/f")))) {
            TarArchiveEntry entry = in.getNextEntry();
            assertEquals(List.of(1000L, 1000L), List.of(entry.getLongUserId(), entry.getLongGroupId()));
        }
    }

    @Test
    void headTellsOfTheFileAndWhereLinksLead() throws Exception {
        String id = running("mkdir /d; echo hi > /d/f; chmod 4755 /d/f; ln -s f /d/l; ln -s /gone/x /d/broken; ln -s ../../../etc /d/up");
        assertEquals("f 3 8389101 ", summary(stat(id, "/d/f")));
        assertEquals("l 1 134218239 /d/f", summary(stat(id, "/d/l")));
        assertEquals("/gone/x", stat(id, "/d/broken").path("linkTarget").asText());
        assertEquals("/etc", stat(id, "/d/up").path("linkTarget").asText());
        assertEquals("d", stat(id, "/d/").path("name").asText());
        assertEquals(1L << 31 | 0755, stat(id, "d").path("mode").asLong());
    }

    private static String summary(JsonNode stat) {
        return stat.path("name").asText() + " " + stat.path("size") + " " + stat.path("mode") + " " + stat.path("linkTarget").asText();
    }

    @Test
    void missingFilesAndParametersAreRefusedInTheReferencesWords() {
        String id = created();
        RawHttp.Answer missing = engine.get("/containers/" + id + "/archive?path=/no");
        assertEquals(404, missing.status());
        assertEquals("Could not find the file /no in container " + id, message(missing));
        assertEquals("bad parameter: pathcannot be empty", message(engine.get("/containers/" + id + "/archive")));
        assertEquals(404, engine.get("/containers/nosuch/archive?path=/").status());
        assertFails(1, "Could not find the file /no in container " + id, docker("cp", id + ":/no", "-"));
    }

    @Test
    void extractionNeedsADirectory() throws Exception {
        String id = created();
        byte[] tar = tar(out -> file(out, "f", ""));
        assertEquals("extraction point is not a directory", message(put(id, "path=/etc/passwd", tar)));
        assertEquals("Could not find the file /no in container " + id, message(put(id, "path=/no", tar)));
    }

    @Test
    void kindsAreKeptWhenTheClientAsksForIt() throws Exception {
        String id = running("mkdir -p /w/dir; echo > /w/file");
        byte[] fileOverDirectory = tar(out -> file(out, "dir", "x"));
        byte[] directoryOverFile = tar(out -> {
            out.putArchiveEntry(new TarArchiveEntry("file/"));
            out.closeArchiveEntry();
        });
        assertTrue(message(put(id, "path=/w&noOverwriteDirNonDir=true", fileOverDirectory)).startsWith("cannot overwrite directory \"dir\""));
        assertTrue(message(put(id, "path=/w&noOverwriteDirNonDir=1", directoryOverFile)).startsWith("cannot overwrite non-directory \"file\""));
        assertEquals(200, put(id, "path=/w", fileOverDirectory).status());
        assertEquals(200, put(id, "path=/w", directoryOverFile).status());
        assertEquals(List.of("w/", "w/dir", "w/file/"), names(archive(id, "/w")));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void bindMountsAreReachedWhetherItRunsOrNot(boolean started) throws Exception {
        Path host = scratch();
        Files.writeString(host.resolve("in"), "host");
        String id = started ? running("true", "-v", host + ":/mnt", "-v", host + ":/ro:ro") : created("-v", host + ":/mnt", "-v", host + ":/ro:ro");
        assertEquals("host", cat(id, "/mnt/in"));
        assertEquals(200, put(id, "path=/mnt", tar(tar -> file(tar, "out", "container"))).status());
        assertEquals("container", Files.readString(host.resolve("out")));
        RawHttp.Answer refused = put(id, "path=/ro", tar(tar -> file(tar, "no", "")));
        assertEquals("mounted volume is marked read-only", message(refused));
        assertEquals(400, refused.status());
        assertFalse(Files.exists(host.resolve("no")));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void readOnlyRootIsReadAndNotWritten(boolean started) throws Exception {
        Path host = scratch();
        String id = started ? running("true", "--read-only", "-v", host + ":/mnt") : created("--read-only", "-v", host + ":/mnt");
        assertTrue(cat(id, "/etc/passwd").startsWith("root:"));
        assertEquals("container rootfs is marked read-only", message(put(id, "path=/tmp", tar(tar -> file(tar, "no", "")))));
        assertEquals(200, put(id, "path=/mnt", tar(tar -> file(tar, "yes", ""))).status());
    }

    @Test
    void tmpfsOfARunningContainerIsReached() throws Exception {
        engine.requireBerth("the reference looks at the root file system below");
        String id = running("echo 1 > /scratch/f", "--tmpfs", "/scratch");
        assertEquals("1\n", cat(id, "/scratch/f"));
        assertEquals(200, put(id, "path=/scratch", tar(tar -> file(tar, "g", "2"))).status());
        assertEquals("2", cat(id, "/scratch/g"));
    }

    @Test
    void mountedFileGetsNewContent() throws Exception {
        engine.requireBerth("the reference tries to remove what is a mount, and fails");
        String id = running("true");
        assertEquals(200, put(id, "path=/etc", tar(tar -> file(tar, "hosts", "mine"))).status());
        assertEquals("mine", cat(id, "/etc/hosts"));
    }
}
