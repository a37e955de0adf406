package io.berth.store.layer;

import static io.berth.linux.kernel.Argument.NULL;
import static io.berth.linux.kernel.Argument.of;

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
import java.util.function.BooleanSupplier;

/**
 * Brings an unpacked layer to the disk, file by file: syncfs(2) would wait for everybody else's data too. The first round only
 * starts the writing of every file, so that the second, which waits, finds most of it done. Devices, fifos and links have no
 * content; they are durable with the directory that names them.
 */
final class TreeSync {

    private static final int SYNC_FILE_RANGE_WRITE = 2;

    private final Kernel kernel;
    private final BooleanSupplier stop;

    /** @param stop asked before each file; true ends the work early */
    TreeSync(Kernel kernel, BooleanSupplier stop) {
        this.kernel = kernel;
        this.stop = stop;
    }

    private interface Visit {
        void file(Fd file, FileType type);
    }

    /** False when it was stopped. Takes over nothing. */
    boolean sync(Directory tree) {
        boolean begun = walk(tree, (file, type) -> {
            if (type == FileType.REGULAR) {
                kernel.call(SystemCall.SYNC_FILE_RANGE, file, NULL, NULL, of(SYNC_FILE_RANGE_WRITE));
            }
        });
        return begun && walk(tree, (file, type) -> kernel.retry(SystemCall.FSYNC, file));
    }

    private boolean walk(Directory tree, Visit visit) {
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
                                visit.file(file, FileType.REGULAR);
                            }
                        }
                    }
                    visit.file(directory.fd(), FileType.DIRECTORY);
                }
            }
        }
        return true;
    }
}
