package io.berth.linux.file;

import static io.berth.linux.kernel.Argument.NULL;
import static io.berth.linux.kernel.Argument.of;
import static io.berth.linux.kernel.FileCalls.O_DIRECTORY;
import static io.berth.linux.kernel.FileCalls.O_RDONLY;

import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SystemCall;
import io.berth.linux.kernel.SystemCallException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Copies a tree with everything that makes its files what they are: owner, mode, extended attributes, times, hard links among
 * them, device nodes. Sockets stay behind: nobody listens on a copy.
 *
 * <p>Works with two open directories at a time and no recursion, so that no depth of the tree is too much. The source may
 * change meanwhile; the target is nobody else's.
 */
public final class TreeCopy {

    private static final int CHUNK = 256 * 1024;

    private record Inode(long device, long number) {
    }

    private record Copied(List<FileName> directory, FileName name) {
    }

    private final Kernel kernel;
    private final FileCalls files;
    private final ExtendedAttributes extended;
    private final RootedDirectory from;
    private final RootedDirectory to;
    private final Map<Inode, Copied> linked = new HashMap<>();
    private final NativeBuffer chunk = NativeBuffer.allocate(CHUNK);

    private TreeCopy(Kernel kernel, Directory from, Directory to) {
        this.kernel = kernel;
        this.files = new FileCalls(kernel);
        this.extended = new ExtendedAttributes(kernel);
        this.from = RootedDirectory.strict(kernel, from.again().fd());
        this.to = RootedDirectory.strict(kernel, to.again().fd());
    }

    /** Makes {@code to}, an empty directory, the same as {@code from}. Both stay open. */
    public static void copy(Kernel kernel, Directory from, Directory to) {
        TreeCopy copy = new TreeCopy(kernel, from, to);
        try (copy.from; copy.to) {
            copy.run();
        }
    }

    private void run() {
        Deque<List<FileName>> waiting = new ArrayDeque<>(List.of(List.of()));
        List<List<FileName>> made = new ArrayList<>();
        while (!waiting.isEmpty()) {
            List<FileName> names = waiting.pop();
            made.add(names);
            entries(names).forEach(waiting::push);
        }
        // What lies in a directory changes its times, so the innermost come first.
        made.reversed().forEach(this::finish);
    }

    /** Copies what is in one directory; its own directories are only made, and returned. */
    private List<List<FileName>> entries(List<FileName> names) {
        List<List<FileName>> inner = new ArrayList<>();
        try (Directory source = from.directory(names); Directory target = to.directory(names)) {
            for (Directory.Entry entry : source.list()) {
                if (entry.isDirectory()) {
                    target.makeDirectory(entry.name(), 0700);
                    List<FileName> below = new ArrayList<>(names);
                    below.add(entry.name());
                    inner.add(below);
                } else {
                    file(source, target, names, entry.name());
                }
            }
        }
        return inner;
    }

    private void file(Directory source, Directory target, List<FileName> names, FileName name) {
        FileStatus status = source.status(name);
        Inode inode = new Inode(status.device(), status.inode());
        if (status.linkCount() > 1 && linked.containsKey(inode)) {
            Copied first = linked.get(inode);
            try (Directory elsewhere = to.directory(first.directory())) {
                target.link(name, elsewhere, first.name());
            }
            return;
        }
        switch (status.type()) {
            case REGULAR -> regular(source, target, name, status);
            case SYMBOLIC_LINK -> {
                target.makeSymbolicLink(name, source.readLink(name));
                special(source, target, name, status);
            }
            case FIFO, CHARACTER_DEVICE, BLOCK_DEVICE -> {
                target.makeNode(name, status.type(), 0600, status.deviceMajor(), status.deviceMinor());
                special(source, target, name, status);
                target.setPermissions(name, status.permissions());
                target.setTimes(name, status.modifiedSeconds(), status.modifiedNanos());
            }
            case SOCKET, DIRECTORY -> {
                return; // a directory only if it took the place of a file just now
            }
        }
        if (status.linkCount() > 1) {
            linked.put(inode, new Copied(names, name));
        }
    }

    private void regular(Directory source, Directory target, FileName name, FileStatus status) {
        try (Fd in = source.open(name, O_RDONLY, 0); Fd out = target.createFile(name, 0600)) {
            content(in, out);
            apply(in, out, status);
        }
    }

    private void content(Fd in, Fd out) {
        int length;
        while ((length = files.read(in, chunk, 0, CHUNK)) > 0) {
            for (int done = 0; done < length;) {
                done += files.write(out, chunk, done, length - done);
            }
        }
    }

    private void special(Directory source, Directory target, FileName name, FileStatus status) {
        target.setOwner(name, status.uid(), status.gid());
        try (Fd in = source.openPath(name); Fd out = target.openPath(name)) {
            attributes(in, out);
        }
        target.setTimes(name, status.modifiedSeconds(), status.modifiedNanos());
    }

    private void finish(List<FileName> names) {
        try (Fd in = from.open(names, O_RDONLY | O_DIRECTORY); Fd out = to.open(names, O_RDONLY | O_DIRECTORY)) {
            apply(in, out, FileStatus.of(kernel, in));
        }
    }

    /** In the order that keeps them: chown(2) takes away set-id bits and capabilities, and everything changes the times. */
    private void apply(Fd in, Fd out, FileStatus status) {
        kernel.call(SystemCall.FCHOWN, out, of(status.uid()), of(status.gid()));
        kernel.call(SystemCall.FCHMOD, out, of(status.permissions()));
        attributes(in, out);
        kernel.call(SystemCall.UTIMENSAT, out, NULL, Directory.times(status.modifiedSeconds(), status.modifiedNanos()), NULL);
    }

    /** What the target's file system has no place for is left out; but never what grants or confines rights. */
    private void attributes(Fd in, Fd out) {
        for (byte[] name : extended.list(in)) {
            try {
                byte[] value = extended.get(in, name).orElse(null);
                if (value != null) {
                    extended.set(out, name, value);
                }
            } catch (SystemCallException failure) {
                if (failure.errno() != Errno.EOPNOTSUPP || new String(name, StandardCharsets.ISO_8859_1).startsWith("security.")) {
                    throw failure;
                }
            }
        }
    }
}
