package io.berth.daemon.container;

import io.berth.api.http.ApiException;
import io.berth.api.wire.container.PathStat;
import io.berth.linux.file.BytePath;
import io.berth.linux.file.FileStatus;
import io.berth.linux.file.FileType;
import io.berth.linux.file.InvalidPathException;
import io.berth.linux.file.RootedDirectory;
import io.berth.linux.kernel.Argument;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SystemCall;
import io.berth.linux.kernel.SystemCallException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;

/**
 * A path in a container as a client wrote it. It begins at the root, {@code ..} takes the name before it away, and a slash or a
 * dot at its end asks for the directory it leads to.
 */
final class ContainerPath {

    private static final int MOST_LINKS = 40;
    private static final int PATH_MAX = 4096;

    private final String container;
    private final String asked;
    private final String path;

    /** @param container as the client wrote it, for messages */
    ContainerPath(String container, String asked) {
        this.container = container;
        this.asked = asked;
        this.path = clean(asked) + ending(asked);
    }

    private static String clean(String text) {
        ArrayDeque<String> names = new ArrayDeque<>();
        for (String name : text.split("/")) {
            if (name.equals("..")) {
                names.pollLast();
            } else if (!name.isEmpty() && !name.equals(".")) {
                names.add(name);
            }
        }
        return "/" + String.join("/", names);
    }

    private static String ending(String text) {
        boolean root = clean(text).equals("/");
        if (text.equals(".") || text.endsWith("/.")) {
            return root ? "." : "/.";
        }
        return text.endsWith("/") && !root ? "/" : "";
    }

    /** The last name, {@code .} or {@code /}: what the file is called in an archive. */
    String base() {
        String end = path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        return end.equals("/") ? end : end.substring(end.lastIndexOf('/') + 1);
    }

    @Override
    public String toString() {
        return path;
    }

    /** The file, or the link at the end of the path (O_PATH). */
    Fd find(RootedDirectory root) {
        return open(root, FileCalls.O_PATH | FileCalls.O_NOFOLLOW);
    }

    /** The directory to unpack something into, through a link at the end of the path too. */
    RootedDirectory directory(RootedDirectory root) {
        Fd found = open(root, FileCalls.O_PATH);
        try {
            if (!FileStatus.of(root.kernel(), found).isDirectory()) {
                throw ApiException.invalid("extraction point is not a directory");
            }
            return RootedDirectory.container(root.kernel(), found);
        } catch (RuntimeException failure) {
            found.close();
            throw failure;
        }
    }

    private Fd open(RootedDirectory root, int flags) {
        try {
            return root.open(BytePath.of(path), flags);
        } catch (SystemCallException failure) {
            throw switch (failure.errno()) {
                case ENOENT -> ApiException.notFound("Could not find the file " + asked + " in container " + container);
                case ENOTDIR, ELOOP, ENAMETOOLONG, EACCES -> ApiException.invalid("lstat " + path + ": " + failure.errno().text());
                default -> failure;
            };
        } catch (InvalidPathException invalid) {
            throw ApiException.invalid(invalid.getMessage());
        }
    }

    /** @param file what {@link #find} has found */
    PathStat stat(RootedDirectory root, Fd file) {
        FileStatus status = FileStatus.of(root.kernel(), file);
        return new PathStat(base(), status.size(), goMode(status), Instant.ofEpochSecond(status.modifiedSeconds(), status.modifiedNanos()).toString(),
                status.type() == FileType.SYMBOLIC_LINK ? linkTarget(root, BytePath.of(path), 0) : "");
    }

    /** Where a link leads to in the end, or as far as there is something. */
    private static String linkTarget(RootedDirectory root, BytePath link, int links) {
        try (Fd target = root.open(link, FileCalls.O_PATH)) {
            return readLink(root.kernel(), Argument.of(FileCalls.AT_FDCWD), target.path());
        } catch (SystemCallException broken) {
            if (broken.errno() != Errno.ENOENT && broken.errno() != Errno.ENOTDIR || links == MOST_LINKS) {
                return clean(link.toString());
            }
        }
        try (Fd file = root.open(link, FileCalls.O_PATH | FileCalls.O_NOFOLLOW)) {
            String target = readLink(root.kernel(), file, "");
            String parent = link.toString().substring(0, link.toString().lastIndexOf('/') + 1);
            String next = clean(target.startsWith("/") ? target : parent + target);
            return linkTarget(root, BytePath.of(next), links + 1);
        } catch (SystemCallException end) {
            return clean(link.toString());
        }
    }

    private static String readLink(Kernel kernel, Argument directory, String path) {
        NativeBuffer buffer = NativeBuffer.allocate(PATH_MAX);
        int length = (int) kernel.call(SystemCall.READLINKAT, directory, Argument.of(path), buffer, Argument.of(PATH_MAX));
        return new String(buffer.copy(0, length), StandardCharsets.UTF_8);
    }

    /** The bits of os.FileMode in Go's library, which has its own for everything but the nine permissions. */
    private static long goMode(FileStatus status) {
        long mode = status.permissions() & 0777;
        mode |= (status.permissions() & 04000) != 0 ? 1L << 23 : 0;
        mode |= (status.permissions() & 02000) != 0 ? 1L << 22 : 0;
        mode |= (status.permissions() & 01000) != 0 ? 1L << 20 : 0;
        return mode | switch (status.type()) {
            case REGULAR -> 0;
            case DIRECTORY -> 1L << 31;
            case SYMBOLIC_LINK -> 1L << 27;
            case BLOCK_DEVICE -> 1L << 26;
            case CHARACTER_DEVICE -> 1L << 26 | 1L << 21;
            case FIFO -> 1L << 25;
            case SOCKET -> 1L << 24;
        };
    }
}
