package io.berth.api.http;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** The file of a listening Unix socket. Netty removes it when it closes the listener. */
final class UnixSocketFile {
    /** The room of sun_path in unix(7), without the terminating zero. */
    private static final int PATH_LIMIT = 107;
    private static final int S_IFMT = 0170000;
    private static final int S_IFSOCK = 0140000;

    private final Path path;

    UnixSocketFile(Path path) {
        this.path = path;
    }

    /** Makes room for a new socket: its directory, and nothing in its place but what a dead server left. */
    void prepare() throws IOException {
        if (path.toString().getBytes(StandardCharsets.UTF_8).length > PATH_LIMIT) {
            throw new IOException("listen on unix://" + path + ": the path is longer than " + PATH_LIMIT + " bytes; choose a shorter one");
        }
        Files.createDirectories(path.toAbsolutePath().getParent());
        int mode;
        try {
            mode = (Integer) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException none) {
            return;
        }
        if ((mode & S_IFMT) != S_IFSOCK) {
            throw new IOException("listen on unix://" + path + ": there is a file that is not a socket; move it away");
        }
        if (somebodyAnswers()) {
            throw new IOException("listen on unix://" + path
                    + ": another server answers there; stop it, or choose another socket with --host");
        }
        Files.deleteIfExists(path);
    }

    private boolean somebodyAnswers() {
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return probe.connect(UnixDomainSocketAddress.of(path));
        } catch (IOException refused) {
            return false;
        }
    }

    /** Sets who may connect, once the socket is bound; until then the umask lets in nobody but the owner. */
    void protect(int group) throws IOException {
        if (group >= 0) {
            Files.setAttribute(path, "unix:gid", group);
        }
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw----"));
    }
}
