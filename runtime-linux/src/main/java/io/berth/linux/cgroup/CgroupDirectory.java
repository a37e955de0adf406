package io.berth.linux.cgroup;

import static io.berth.linux.kernel.Argument.of;
import static io.berth.linux.kernel.FileCalls.O_CLOEXEC;
import static io.berth.linux.kernel.FileCalls.O_DIRECTORY;
import static io.berth.linux.kernel.FileCalls.O_NOFOLLOW;
import static io.berth.linux.kernel.FileCalls.O_RDONLY;
import static io.berth.linux.kernel.FileCalls.O_WRONLY;

import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SystemCall;
import io.berth.linux.kernel.SystemCallException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A directory of cgroupfs, held open. Names are relative to it and may have a slash ({@code ID/cgroup.procs}). Names of
 * groups that a container made are bytes, hence {@code byte[]} where we list and remove.
 */
final class CgroupDirectory implements AutoCloseable {

    private static final int DIRENT_RECORD_LENGTH = 16;
    private static final int DIRENT_TYPE = 18;
    private static final int DIRENT_NAME = 19;
    private static final byte DT_DIR = 4;

    private final Kernel kernel;
    private final FileCalls files;
    private final Fd fd;
    private final String path;

    private CgroupDirectory(Kernel kernel, Fd fd, String path) {
        this.kernel = kernel;
        this.files = new FileCalls(kernel);
        this.fd = fd;
        this.path = path;
    }

    static CgroupDirectory open(Kernel kernel, String path) {
        return new CgroupDirectory(kernel, new FileCalls(kernel).open(path, O_RDONLY | O_DIRECTORY, 0), path);
    }

    /** Where it is, for messages. */
    String path() {
        return path;
    }

    Fd fd() {
        return fd;
    }

    CgroupDirectory child(byte[] name) {
        Fd child = kernel.open(SystemCall.OPENAT, fd, of(name), of(O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), of(0));
        return new CgroupDirectory(kernel, child, path + '/' + new String(name, StandardCharsets.UTF_8));
    }

    CgroupDirectory child(String name) {
        return child(name.getBytes(StandardCharsets.UTF_8));
    }

    Fd open(String name, int flags) {
        return kernel.open(SystemCall.OPENAT, fd, of(name), of(flags | O_CLOEXEC), of(0));
    }

    boolean has(String name) {
        return succeeds(() -> kernel.call(SystemCall.FACCESSAT2, fd, of(name), of(0), of(0)), Errno.ENOENT);
    }

    void make(String name) {
        kernel.call(SystemCall.MKDIRAT, fd, of(name), of(0755));
    }

    /** Makes the group unless it is there. */
    CgroupDirectory makeOrOpen(String name) {
        try {
            succeeds(() -> make(name), Errno.EEXIST);
            return child(name);
        } catch (SystemCallException refused) {
            throw failure("make the control group", name, refused);
        }
    }

    /** Makes the group anew: what is left of an older one of that name goes first, unless a process still lives there. */
    void makeFresh(String name) {
        try {
            if (!succeeds(() -> make(name), Errno.EEXIST)) {
                removeTree(name);
                make(name);
            }
        } catch (SystemCallException refused) {
            throw failure("make the control group", name, refused);
        }
    }

    void write(String name, String text) {
        try (Fd file = open(name, O_WRONLY)) {
            files.write(file, text);
        } catch (SystemCallException refused) {
            throw failure("write " + text + " to", name, refused);
        }
    }

    /** Writes to a file of this directory that the caller has opened; a refusal comes as the kernel's own error. */
    void write(Fd file, String text) {
        files.write(file, text);
    }

    /** The whole file, without its last line's end. */
    String read(String name) {
        try {
            return content(name);
        } catch (SystemCallException refused) {
            throw failure("read", name, refused);
        }
    }

    private String content(String name) {
        try (Fd file = open(name, O_RDONLY)) {
            NativeBuffer buffer = NativeBuffer.allocate(4096);
            ByteArrayOutputStream text = new ByteArrayOutputStream();
            int count;
            while ((count = files.read(file, buffer, 0, buffer.size())) > 0) {
                text.writeBytes(buffer.copy(0, count));
            }
            return text.toString(StandardCharsets.UTF_8).stripTrailing();
        }
    }

    /** The groups right below. */
    List<byte[]> groups() {
        List<byte[]> names = new ArrayList<>();
        NativeBuffer buffer = NativeBuffer.allocate(32 * 1024);
        try (Fd listing = open(".", O_RDONLY | O_DIRECTORY)) {
            int length;
            while ((length = (int) kernel.retry(SystemCall.GETDENTS64, listing, buffer, of(buffer.size()))) > 0) {
                for (int at = 0; at < length; at += buffer.bytes().getShort(at + DIRENT_RECORD_LENGTH) & 0xffff) {
                    byte[] name = buffer.text(at + DIRENT_NAME);
                    if (buffer.bytes().get(at + DIRENT_TYPE) == DT_DIR && name[0] != '.') {
                        names.add(name);
                    }
                }
            }
        }
        return names;
    }

    /** The process numbers in {@code name} and all groups below it. A group that vanishes meanwhile has none. */
    List<Integer> processes(String name) {
        List<Integer> pids = new ArrayList<>();
        collectProcesses(name.getBytes(StandardCharsets.UTF_8), pids);
        return pids;
    }

    private void collectProcesses(byte[] name, List<Integer> pids) {
        // EOPNOTSUPP: a threaded group of v2, whose processes are listed above it.
        succeeds(() -> {
            try (CgroupDirectory group = child(name)) {
                for (byte[] below : group.groups()) {
                    group.collectProcesses(below, pids);
                }
                group.content("cgroup.procs").lines().map(Integer::valueOf).forEach(pids::add);
            }
        }, Errno.ENOENT, Errno.ENODEV, Errno.EOPNOTSUPP);
    }

    /**
     * Removes a group and those below it. Already gone is fine.
     *
     * @return whether it is gone; if not, a process is still in it
     */
    boolean removeTree(byte[] name) {
        if (removeOne(name)) {
            return true;
        }
        succeeds(() -> {
            try (CgroupDirectory group = child(name)) {
                group.groups().forEach(group::removeTree);
            }
        }, Errno.ENOENT);
        return removeOne(name);
    }

    boolean removeTree(String name) {
        return removeTree(name.getBytes(StandardCharsets.UTF_8));
    }

    /** Removes the group unless it has processes or groups below it. */
    void removeIfUnused(String name) {
        removeOne(name.getBytes(StandardCharsets.UTF_8));
    }

    private boolean removeOne(byte[] name) {
        try {
            kernel.call(SystemCall.UNLINKAT, fd, of(name), of(FileCalls.AT_REMOVEDIR));
            return true;
        } catch (SystemCallException refused) {
            return switch (refused.errno()) {
                case ENOENT -> true;
                case EBUSY -> false;
                default -> throw refused;
            };
        }
    }

    private CgroupException failure(String attempt, String name, SystemCallException cause) {
        return new CgroupException("cannot " + attempt + ' ' + path + '/' + name + ": " + cause.errno().describe(), cause);
    }

    /** Whether the call succeeded; it may fail with these errors, any other is thrown. */
    static boolean succeeds(Runnable call, Errno... unless) {
        try {
            call.run();
            return true;
        } catch (SystemCallException failure) {
            if (!List.of(unless).contains(failure.errno())) {
                throw failure;
            }
            return false;
        }
    }

    @Override
    public void close() {
        fd.close();
    }
}
