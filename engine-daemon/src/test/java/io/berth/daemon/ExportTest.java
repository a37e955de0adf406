package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** {@code docker export} and {@code docker diff}. */
class ExportTest extends ContainerTest {

    private static String ended(String script, String... options) {
        List<String> words = new ArrayList<>(List.of(options));
        words.addAll(List.of(IMAGE, "sh", "-c", script));
        String id = runDetached(words.toArray(String[]::new));
        awaitState(id, "exited");
        return id;
    }

    /** An image with a file more than the test image, made by import; removed by the test's end. */
    private static String imageWith(String file) {
        String id = ended("mkdir -p $(dirname " + file + "); echo > " + file);
        Path tar = engine.scratch().resolve("with.tar");
        docker("export", "-o", tar.toString(), id).succeeded();
        docker("import", "--change", "ENV PATH=/bin", tar.toString(), "berth-test-with").succeeded();
        return "berth-test-with";
    }

    private static String endedOn(String image, String script) {
        String id = runDetached(image, "sh", "-c", script);
        awaitState(id, "exited");
        return id;
    }

    @AfterAll
    static void removeImages() {
        docker("rmi", "-f", "berth-test-with");
    }

    private static Set<String> diff(String container) {
        return new TreeSet<>(docker("diff", container).succeeded().lines().toList());
    }

    private static Set<String> exported(String container) throws IOException {
        Set<String> names = new TreeSet<>();
        RawHttp.Answer answer = engine.get("/containers/" + container + "/export");
        assertEquals(200, answer.status());
        assertEquals("application/octet-stream", answer.headers().get("content-type"));
        try (TarArchiveInputStream in = new TarArchiveInputStream(new ByteArrayInputStream(answer.body()))) {
            for (TarArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                names.add(entry.getName());
            }
        }
        return names;
    }

    @Test
    void diffShowsWhatTheContainerHasChangedAndNothingElse() {
        String id = ended("mkdir /var/d; echo > /var/d/f; echo x >> /etc/passwd; rm /bin/wc; chmod 700 /tmp; touch /root; mkdir -p /n/m; mv /n /o");
        assertEquals(new TreeSet<>(List.of("A /o", "A /o/m", "A /var/d", "A /var/d/f", "C /bin", "C /etc", "C /etc/passwd", "C /tmp", "C /var",
                "D /bin/wc")), diff(id));
    }

    @Test
    void removedAndRemadeDirectoryLacksItsOldFiles() {
        assertEquals(new TreeSet<>(List.of("C /usr", "C /usr/old", "A /usr/old/new", "D /usr/old/1")), diff(endedOn(imageWith("/usr/old/1"),
                "rm -r /usr/old; mkdir /usr/old; echo > /usr/old/new")));
    }

    @Test
    void containerThatChangedNothingHasNullForItsChanges() {
        String created = docker(marked("create", IMAGE)).succeeded().strip();
        assertEquals("null\n", engine.get("/containers/" + created + "/changes").text());
        assertEquals("null\n", engine.get("/containers/" + ended("true") + "/changes").text());
    }

    @Test
    void placesOfMountsAreChangesWhenTheImageHasThemNot() throws IOException {
        Path host = Files.createTempDirectory(engine.scratch(), "bind");
        assertEquals(Set.of("A /new", "A /new/place"), diff(ended("true", "-v", host + ":/new/place")));
    }

    @Test
    void exportHasTheRootWithoutWhatIsMountedInIt() throws IOException {
        Path host = Files.createTempDirectory(engine.scratch(), "bind");
        Files.writeString(host.resolve("of-the-host"), "");
        String id = runDetached("-v", host + ":/mnt", "--tmpfs", "/scratch", IMAGE, "sh", "-c", "touch /mine /scratch/t /mnt/u; echo ready; sleep 1000");
        awaitLog(id, "ready");
        Set<String> running = exported(id);
        docker("stop", "-t", "0", id).succeeded();
        assertEquals(running, exported(id));
        assertTrue(running.containsAll(Set.of("mine", "bin/busybox", "etc/passwd", "mnt/", "scratch/", "proc/", "dev/", ".dockerenv", "etc/hosts")), running::toString);
        assertFalse(running.stream().anyMatch(name -> name.startsWith("mnt/") && !name.equals("mnt/") || name.startsWith("proc/1") || name.equals("dev/null")
                || name.equals("scratch/t")), running::toString);
    }

    @Test
    void exportedTreeCanBeImportedAgain() {
        String id = ended("echo exported > /note");
        Path tar = engine.scratch().resolve("exported.tar");
        docker("export", "-o", tar.toString(), id).succeeded();
        docker("import", tar.toString(), "berth-test-imported").succeeded();
        try {
            assertEquals("exported\n", run("--rm", "berth-test-imported", "/bin/cat", "/note").succeeded());
        } finally {
            docker("rmi", "berth-test-imported").succeeded();
        }
    }

    @Test
    void unknownContainersAreNotFound() {
        assertEquals(404, engine.get("/containers/nosuch/export").status());
        assertEquals("No such container: nosuch", message(engine.get("/containers/nosuch/changes")));
    }
}
