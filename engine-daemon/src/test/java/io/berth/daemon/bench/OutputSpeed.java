package io.berth.daemon.bench;

import io.berth.daemon.RawHttp;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How fast a container's output moves: to a client that is attached, and into the default log. */
final class OutputSpeed {

    private static final Pattern ID = Pattern.compile("\"Id\":\"([0-9a-f]{64})\"");
    private static final int ATTACHED_PIECES = 40_000;
    private static final int LOGGED_BYTES = 200_000_000;
    private static final String LINE = "a line of a log, of about eighty bytes, which is what most programs write there";

    private final Subject subject;

    OutputSpeed(Subject subject) {
        this.subject = subject;
    }

    /** GB/s of zeros that reach a client on the socket, without a log. */
    double attached() throws IOException {
        try (RawHttp http = new RawHttp(subject.socket()); SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            String container = create(http, "dd if=/dev/zero bs=64k count=" + ATTACHED_PIECES + " 2>/dev/null", "none");
            client.connect(UnixDomainSocketAddress.of(subject.socket()));
            client.write(ByteBuffer.wrap(("POST " + container + "/attach?stream=1&stdout=1 HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\n"
                    + "Upgrade: tcp\r\nContent-Length: 0\r\n\r\n").getBytes(StandardCharsets.US_ASCII)));
            ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20);
            client.read(buffer); // the head
            long start = System.nanoTime();
            expect(204, http.request("POST", container + "/start", ""));
            long total = 0;
            for (int read = 0; read >= 0; read = client.read(buffer.clear())) {
                total += read;
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            expect(204, http.request("DELETE", container + "?force=1", ""));
            return total / 1e9 / seconds;
        }
    }

    /** MB/s of lines that a program can write into a json-file log. */
    double logged() throws IOException {
        try (RawHttp http = new RawHttp(subject.socket())) {
            String container = create(http, "yes '" + LINE + "' | head -c " + LOGGED_BYTES, "json-file");
            long start = System.nanoTime();
            expect(204, http.request("POST", container + "/start", ""));
            expect(200, http.request("POST", container + "/wait", ""));
            double seconds = (System.nanoTime() - start) / 1e9;
            expect(204, http.request("DELETE", container + "?force=1", ""));
            return LOGGED_BYTES / 1e6 / seconds;
        }
    }

    private static String create(RawHttp http, String script, String driver) throws IOException {
        String created = expect(201, http.request("POST", "/v1.51/containers/create", "{\"Image\":\"berth-bench\",\"Cmd\":[\"sh\",\"-c\",\"" + script
                + "\"],\"HostConfig\":{\"NetworkMode\":\"none\",\"LogConfig\":{\"Type\":\"" + driver + "\",\"Config\":{}}}}"));
        Matcher id = ID.matcher(created);
        if (!id.find()) {
            throw new IllegalStateException("no id in " + created);
        }
        return "/v1.51/containers/" + id.group(1);
    }

    private static String expect(int status, RawHttp.Answer answer) {
        if (answer.status() != status) {
            throw new IllegalStateException("answered " + answer.status() + " instead of " + status + ": " + answer.text());
        }
        return answer.text();
    }
}
