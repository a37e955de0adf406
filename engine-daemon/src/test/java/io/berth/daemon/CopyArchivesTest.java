package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Archives that {@code docker cp} sends: hostile, damaged, compressed, large; and answers in the coding that the client wants. */
class CopyArchivesTest extends CopyCase {

    @Test
    void pathsAndArchivesDoNotClimbOut() throws Exception {
        String id = running("ln -s / /rootlink; ln -s ../../../../etc /up");
        assertEquals("berth", cat(running("echo -n berth > /etc/mine"), "/../../etc/mine"));
        assertFalse(cat(id, "/up/passwd").isEmpty());
        assertTrue(names(archive(id, "/rootlink/etc/")).contains("etc/passwd"));
        RawHttp.Answer up = put(id, "path=/tmp", tar(tar -> file(tar, "../../x", "")));
        assertEquals("invalid entry name \"../../x\"", message(up));
        RawHttp.Answer hardLink = put(id, "path=/tmp", tar(tar -> link(tar, "h", TarConstants.LF_LINK, "../../etc/passwd")));
        assertEquals("invalid hardlink target \"../../etc/passwd\"", message(hardLink));
    }

    @Test
    void linkInAnArchiveLeadsNoFurtherThanTheDestination() throws Exception {
        String id = running("mkdir /tmp/dest");
        byte[] tar = tar(out -> {
            link(out, "out", TarConstants.LF_SYMLINK, "/etc");
            file(out, "out/through", "x");
        });
        assertEquals(200, put(id, "path=/tmp/dest", tar).status());
        assertEquals("x", cat(id, "/tmp/dest/etc/through"));
        assertEquals(404, engine.get("/containers/" + id + "/archive?path=/etc/through").status());
    }

    @ParameterizedTest
    @CsvSource({"gzip, gzip", "deflate, deflate", "'gzip;q=0, deflate', deflate", "'deflate, gzip', gzip", "br, ''", "'', ''"})
    void answersAreCompressedWhenTheClientAsks(String accepted, String expected) throws Exception {
        String id = created();
        try (RawHttp http = engine.connect()) {
            RawHttp.Answer answer = http.request("GET", "/containers/" + id + "/archive?path=/etc/passwd", Map.of("Accept-Encoding", accepted), new byte[0]);
            assertEquals(expected, answer.headers().getOrDefault("content-encoding", ""));
            InputStream body = new ByteArrayInputStream(answer.body());
            byte[] plain = switch (expected) {
                case "gzip" -> new GZIPInputStream(body).readAllBytes();
                case "deflate" -> new InflaterInputStream(body, new Inflater(true)).readAllBytes();
                default -> answer.body();
            };
            assertEquals(List.of("passwd"), names(plain));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "bzip2", "xz", "zstd"})
    void compressedArchivesAreUnpacked(String program) throws Exception {
        Path file = Files.write(scratch().resolve("t"), tar(tar -> file(tar, "f", program)));
        Commands.run(program, "-k", file.toString()).succeeded();
        String suffix = Map.of("gzip", ".gz", "bzip2", ".bz2", "xz", ".xz", "zstd", ".zst").get(program);
        String id = created();
        assertEquals(200, put(id, "path=/tmp", Files.readAllBytes(Path.of(file + suffix))).status());
        assertEquals(program, cat(id, "/tmp/f"));
    }

    @Test
    void damagedArchivesAreRefused() throws Exception {
        String id = created();
        assertEquals("archive/tar: invalid tar header", message(put(id, "path=/tmp", "junk".repeat(300).getBytes(StandardCharsets.UTF_8))));
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(zipped)) {
            gzip.write(tar(tar -> file(tar, "f", "x".repeat(100_000))));
        }
        byte[] cut = Arrays.copyOf(zipped.toByteArray(), zipped.size() / 2);
        assertEquals("unexpected EOF", message(put(id, "path=/tmp", cut)));
    }

    @Test
    void slowClientHoldsUpNoStart() throws Exception {
        engine.requireBerth("the reference holds the container back until its files are sent");
        String id = docker(marked("create", IMAGE, "sh", "-c", "echo ready; cat /tmp/late; sleep 1000")).succeeded().strip();
        try (RawHttp slow = engine.connect()) {
            slow.sendHead("GET", "/containers/" + id + "/archive?path=/bin/", Map.of(), 0);
            assertEquals(200, slow.readHead().status());
            assertEquals(200, put(id, "path=/tmp", tar(tar -> file(tar, "late", "seen\n"))).status());
            docker("start", id).succeeded();
            awaitLog(id, "seen");
            docker("stop", "-t", "0", id).succeeded();
            assertEquals("seen\n", cat(id, "/tmp/late"));
            docker("start", id).succeeded();
            assertEquals(200, put(id, "path=/tmp", tar(tar -> file(tar, "again", "both"))).status());
        }
        assertEquals("both", cat(id, "/tmp/again"));
    }

    @Test
    void directoryThatBecomesALinkAgainAndAgainLeadsNowhere() throws Exception {
        Path secret = Files.createFile(engine.scratch().resolve("secret-of-the-host"));
        String name = secret.toString();
        String id = running("mkdir -p /swap" + secret.getParent() + " /real" + secret.getParent() + "; cd /; "
                + "(while true; do mv /swap /aside; ln -s / /swap; rm /swap; mv /aside /swap; done) 2>/dev/null & true");
        byte[] tar = tar(out -> file(out, "planted", "x"));
        for (int i = 0; i < 60; i++) {
            RawHttp.Answer answer = engine.get("/containers/" + id + "/archive?path=/swap" + secret.getParent() + "/");
            if (answer.status() == 200) {
                assertFalse(names(answer.body()).stream().anyMatch(found -> found.contains("secret-of-the-host")), name);
            }
            put(id, "path=/swap" + secret.getParent(), tar);
            assertFalse(Files.exists(secret.resolveSibling("planted")));
        }
    }

    @Test
    void contentIsTheSameByteForByte() throws Exception {
        byte[] content = new byte[3_000_001];
        new Random(7).nextBytes(content);
        Path directory = scratch();
        Path file = Files.write(directory.resolve("blob"), content);
        String id = created();
        docker("cp", file.toString(), id + ":/tmp/blob").succeeded();
        docker("start", id).succeeded();
        docker("cp", id + ":/tmp/blob", directory.resolve("back").toString()).succeeded();
        assertArrayEquals(content, Files.readAllBytes(directory.resolve("back")));
    }
}
