package io.berth.daemon.volume.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where plugins are, and how their answers are read. */
class PluginDirectoriesTest {

    @TempDir
    Path directory;
    private Path sockets;
    private Path descriptions;
    private PluginDirectories plugins;

    @BeforeEach
    void make() throws IOException {
        sockets = Files.createDirectory(directory.resolve("sockets"));
        descriptions = Files.createDirectory(directory.resolve("descriptions"));
        plugins = new PluginDirectories(sockets, List.of(descriptions, directory.resolve("absent")));
    }

    private String address(String name) {
        return plugins.find(name).map(PluginAddress::text).orElse("none");
    }

    @Test
    void socketsAndDescriptionsAreFoundAlsoInADirectoryOfTheirName() throws IOException {
        Files.createFile(sockets.resolve("one.sock"));
        Files.createFile(Files.createDirectory(sockets.resolve("two")).resolve("two.sock"));
        Files.writeString(descriptions.resolve("three.spec"), "tcp://127.0.0.1:8080\n");
        Files.writeString(descriptions.resolve("four.json"), "{\"Name\":\"four\",\"Addr\":\"unix:///x/four.sock\"}");
        Files.writeString(descriptions.resolve("one.spec"), "tcp://127.0.0.1:1");
        assertEquals(Set.of("one", "two", "three", "four"), plugins.names());
        assertEquals("unix://" + sockets + "/one.sock", address("one"));
        assertEquals("unix://" + sockets + "/two/two.sock", address("two"));
        assertEquals("tcp://127.0.0.1:8080", address("three"));
        assertEquals("unix:///x/four.sock", address("four"));
        assertEquals("none", address("five"));
    }

    @Test
    void noNameLeadsOutOfTheDirectories() throws IOException {
        Files.createFile(directory.resolve("out.sock"));
        assertEquals(Optional.empty(), plugins.find("../out"));
        assertEquals(Optional.empty(), plugins.find(""));
    }

    @Test
    void aDescriptionThatCannotBeUsedSaysWhy() throws IOException {
        Files.writeString(descriptions.resolve("bad.spec"), "nonsense");
        Files.writeString(descriptions.resolve("tls.json"), "{\"Addr\":\"tcp://h:1\",\"TLSConfig\":{\"CAFile\":\"/x\"}}");
        assertEquals("legacy plugin: Unknown protocol: \"nonsense\" is neither unix://PATH nor tcp://HOST:PORT",
                assertThrows(PluginException.class, () -> plugins.find("bad")).getMessage());
        assertEquals("legacy plugin: TLSConfig in " + descriptions + "/tls.json is not supported by this version of berth",
                assertThrows(PluginException.class, () -> plugins.find("tls")).getMessage());
    }

    private static String body(String answer) throws IOException {
        return new String(HttpAnswer.read(new ByteArrayInputStream(answer.getBytes(StandardCharsets.ISO_8859_1))).body(), StandardCharsets.ISO_8859_1);
    }

    @Test
    void anAnswerIsReadByLengthInChunksOrToTheEnd() throws IOException {
        assertEquals("{}", body("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}rest"));
        assertEquals("abcde", body("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"));
        assertEquals("all", body("HTTP/1.0 200 OK\r\n\r\nall"));
    }

    @Test
    void anAnswerThatIsNoneOrEndsEarlyIsAnError() {
        assertThrows(IOException.class, () -> body("SSH-2.0-x\r\n\r\n"));
        assertThrows(IOException.class, () -> body("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"));
        assertThrows(IOException.class, () -> body("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"));
        assertThrows(IOException.class, () -> body("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n"));
    }
}
