package io.berth.store.layer;

import io.berth.linux.file.Directory;
import io.berth.linux.file.FileName;
import io.berth.linux.file.FileType;
import io.berth.linux.file.RootedDirectory;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.SystemCall;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Brings an unpacked layer to the disk, file by file: syncfs(2) would wait for everybody else's data too. It takes its time,
 * resting between files, because each fsync(2) makes the disk empty its cache and others wait for that.
 * Devices, fifos and links have no content; they are durable with the directory that names them.
 */
final class TreeSync {

    /** So many times as long as the last file took, but not longer than somebody who waits for the end would notice. */
    private static final int REST = 3;
    private static final long LONGEST_REST = 20_000_000;

    private final Kernel kernel;
    private final BooleanSupplier stop;

    /** @param stop asked before each file; true ends the work early */
    TreeSync(Kernel kernel, BooleanSupplier stop) {
        this.kernel = kernel;
        this.stop = stop;
    }

    private void sync(Fd file) {
        long begin = System.nanoTime();
        kernel.retry(SystemCall.FSYNC, file);
        LockSupport.parkNanos(Math.min(LONGEST_REST, REST * (System.nanoTime() - begin)));
    }

    /** Every file first, then its directory. False when it was stopped. Takes over nothing. */
    boolean sync(Directory tree) {
        Deque<List<FileName>> waiting = new ArrayDeque<>();
        waiting.add(List.of());
        try (RootedDirectory root = RootedDirectory.strict(kernel, tree.again().fd())) {
            while (!waiting.isEmpty()) {
                List<FileName> names = waiting.removeLast();
                try (Directory directory = root.directory(names)) {
                    for (Directory.Entry entry : directory.list()) {
                        if (stop.getAsBoolean()) {
                            return false;
                        }
                        if (entry.isDirectory()) {
                            List<FileName> below = new ArrayList<>(names);
                            below.add(entry.name());
                            waiting.add(below);
                        } else if (entry.type() == FileType.REGULAR) {
                            try (Fd file = directory.open(entry.name(), FileCalls.O_RDONLY, 0)) {
                                sync(file);
                            }
                        }
                    }
                    sync(directory.fd());
                }
            }
        }
        return true;
    }
}
