package io.berth.daemon.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.api.http.Endpoint;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ListeningTest {

    @TempDir
    Path directory;

    @Test
    void everyHostBecomesAnEndpointWithTheGroup() {
        Settings settings = Settings.of(List.of("-H", "unix:///a.sock", "-H", "tcp://127.0.0.1:2375", "-G", "7", "--config-file", "/dev/null")).settings();
        assertEquals(List.of(new Endpoint.Unix(Path.of("/a.sock"), 7), new Endpoint.Tcp("127.0.0.1", 2375)), Listening.endpoints(settings));
    }

    @Test
    void aGroupIsFoundByItsNameOrRefusedByIt() {
        assertEquals(0, Listening.groupId("root"));
        String message = assertThrows(SettingsException.class, () -> Listening.groupId("no-such-group")).getMessage();
        assertTrue(message.startsWith("there is no group \"no-such-group\""), message);
    }

    @Test
    void onlyASocketThatAnswersIsServed() throws IOException {
        Path socket = directory.resolve("s");
        assertFalse(Listening.isServed(socket));
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            assertTrue(Listening.isServed(socket));
        }
        assertFalse(Listening.isServed(socket), "the file is still there");
    }
}
