package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** What the tests of {@code docker cp} have in common: containers, and archives in and out of them. */
abstract class CopyCase extends ContainerTest {

    static final String FOREVER = "echo ready; exec sleep 1000";

    static String created(String... options) {
        List<String> words = new ArrayList<>(List.of(options));
        words.addAll(List.of(IMAGE, "sh", "-c", FOREVER));
        return docker(marked("create", words.toArray(String[]::new))).succeeded().strip();
    }

    static String running(String preparation, String... options) {
        List<String> words = new ArrayList<>(List.of(options));
        words.addAll(List.of(IMAGE, "sh", "-c", preparation + "; " + FOREVER));
        String id = runDetached(words.toArray(String[]::new));
        awaitLog(id, "ready");
        return id;
    }

    static Path scratch() throws IOException {
        return Files.createTempDirectory(engine.scratch(), "cp");
    }

    static String cat(String container, String path) throws IOException {
        try (TarArchiveInputStream tar = new TarArchiveInputStream(new ByteArrayInputStream(archive(container, path)))) {
            tar.getNextEntry();
            return new String(tar.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    static byte[] archive(String container, String path) {
        RawHttp.Answer answer = engine.get("/containers/" + container + "/archive?path=" + path);
        assertEquals(200, answer.status(), answer::text);
        return answer.body();
    }

    static List<String> names(byte[] tar) throws IOException {
        List<String> names = new ArrayList<>();
        try (TarArchiveInputStream in = new TarArchiveInputStream(new ByteArrayInputStream(tar))) {
            for (TarArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                names.add(entry.getName());
            }
        }
        return names;
    }

    static RawHttp.Answer put(String container, String query, byte[] body) throws IOException {
        try (RawHttp http = engine.connect()) {
            return http.request("PUT", "/containers/" + container + "/archive?" + query, Map.of("Content-Type", "application/x-tar"), body);
        }
    }

    interface Members {
        void addTo(TarArchiveOutputStream tar) throws IOException;
    }

    static byte[] tar(Members members) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            members.addTo(tar);
        }
        return bytes.toByteArray();
    }

    static void file(TarArchiveOutputStream tar, String name, String content) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name, true);
        entry.setSize(content.length());
        entry.setIds(7, 8);
        entry.setMode(0100640);
        tar.putArchiveEntry(entry);
        tar.write(content.getBytes(StandardCharsets.UTF_8));
        tar.closeArchiveEntry();
    }

    static void link(TarArchiveOutputStream tar, String name, byte kind, String target) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name, kind);
        entry.setLinkName(target);
        tar.putArchiveEntry(entry);
        tar.closeArchiveEntry();
    }

    static JsonNode stat(String container, String path) throws IOException {
        try (RawHttp http = engine.connect()) {
            RawHttp.Answer answer = http.request("HEAD", "/containers/" + container + "/archive?path=" + path, "");
            assertEquals(200, answer.status());
            return json(new String(Base64.getDecoder().decode(answer.headers().get("x-docker-container-path-stat")), StandardCharsets.UTF_8));
        }
    }
}
