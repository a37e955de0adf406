package io.berth.linux.keeper.log;

import io.berth.linux.file.FileStatus;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.SystemCallException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The files of a json-file log: the one that is written, and {@code .1}, {@code .2} … which are older. */
final class JsonLogFiles {

    /** An open file and which one it is, whatever its name has become. */
    record Opened(Fd file, long inode) implements AutoCloseable {
        @Override
        public void close() {
            file.close();
        }
    }

    /** While files are renamed, the oldest first, one number is free for a moment; a file can be met again, but none is missed. */
    private static final int SEVERAL = 2;

    private final Kernel kernel;
    private final FileCalls files;
    private final String path;

    JsonLogFiles(Kernel kernel, String path) {
        this.kernel = kernel;
        this.files = new FileCalls(kernel);
        this.path = path;
    }

    static String path(String path, int number) {
        return number == 0 ? path : path + '.' + number;
    }

    /** All there are, the newest first, now the caller's. */
    List<Opened> all() {
        List<Opened> all = new ArrayList<>();
        for (int number = 0, missing = 0; missing < SEVERAL; number++) {
            Optional<Opened> next = open(number);
            missing = next.isEmpty() ? missing + 1 : 0;
            if (next.isPresent() && !all.isEmpty() && all.getLast().inode == next.get().inode) {
                next.get().close(); // renamed since the last look
            } else {
                next.ifPresent(all::add);
            }
        }
        return all;
    }

    Optional<Opened> oldest() {
        List<Opened> all = all();
        for (Opened newer : all.subList(0, Math.max(0, all.size() - 1))) {
            newer.close();
        }
        return all.isEmpty() ? Optional.empty() : Optional.of(all.getLast());
    }

    /** The file after this one: nothing when it is the newest, the oldest when it has been removed. */
    Optional<Opened> after(Opened present) {
        Optional<Opened> newer = Optional.empty();
        for (int number = 0, missing = 0; missing < SEVERAL; number++) {
            Optional<Opened> next = open(number);
            missing = next.isEmpty() ? missing + 1 : 0;
            if (next.isPresent() && next.get().inode == present.inode) {
                next.get().close();
                return newer;
            }
            if (next.isPresent()) {
                newer.ifPresent(Opened::close);
                newer = next;
            }
        }
        return newer;
    }

    private Optional<Opened> open(int number) {
        try {
            Fd file = files.open(path(path, number), FileCalls.O_RDONLY, 0);
            return Optional.of(new Opened(file, FileStatus.of(kernel, file).inode()));
        } catch (SystemCallException failure) {
            if (failure.errno() == Errno.ENOENT) {
                return Optional.empty();
            }
            throw failure;
        }
    }
}
