package io.berth.store.layer;

import io.berth.linux.file.Directory;
import io.berth.linux.file.ExtendedAttributes;
import io.berth.linux.file.FileName;
import io.berth.linux.file.FileStatus;
import io.berth.linux.file.FileType;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.SystemCallException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What an overlay's upper directory changes of the layers below it, read from the upper directory itself: its size decides how
 * long that takes, not the image's. The overlay may be mounted and in use meanwhile; a file that goes while it is looked at
 * counts as never changed.
 *
 * <p>As in the reference engine a file is modified when its kind, mode, owner, device, size, time or capabilities differ (of a
 * directory, size and time do not count), and a directory is modified when something in it has changed.
 */
public final class OverlayChanges implements AutoCloseable {

    /** How a file differs, with the number it has in the API. */
    public enum Kind { MODIFIED, ADDED, DELETED }

    /** @param path absolute */
    public record Change(byte[] path, Kind kind) {
    }

    /** Deeper files have no path that anybody could use. */
    private static final int LONGEST_PATH = 4096;
    private static final byte[] CAPABILITY = "security.capability".getBytes(StandardCharsets.US_ASCII);

    private final Kernel kernel;
    private final PackedAttributes attributes;
    private final ExtendedAttributes extended;
    private final Map<byte[], Kind> changes = new TreeMap<>(Arrays::compareUnsigned);
    private final Deque<Level> levels = new ArrayDeque<>();

    private record Level(Directory upper, LowerDirectories lower, byte[] prefix, Iterator<Directory.Entry> entries) implements AutoCloseable {
        @Override
        public void close() {
            upper.close();
            lower.close();
        }
    }

    private OverlayChanges(Kernel kernel) {
        this.kernel = kernel;
        this.attributes = new PackedAttributes(kernel);
        this.extended = new ExtendedAttributes(kernel);
    }

    /**
     * In the order of their paths' bytes, so that a directory comes before what is in it.
     *
     * @param lower the layers' directories, the topmost first
     */
    public static List<Change> of(Kernel kernel, List<String> lower, String upper) {
        try (OverlayChanges walk = new OverlayChanges(kernel)) {
            walk.enter(Directory.open(kernel, upper), LowerDirectories.open(kernel, lower), new byte[] {'/'}, false);
            walk.run();
            return walk.result();
        }
    }

    private void run() {
        while (!levels.isEmpty()) {
            Level level = levels.peek();
            if (level.entries().hasNext()) {
                compare(level, level.entries().next().name());
            } else {
                levels.pop().close();
            }
        }
    }

    private void compare(Level level, FileName name) {
        Optional<FileStatus> found = level.upper().find(name);
        if (found.isEmpty()) {
            return;
        }
        FileStatus now = found.get();
        Optional<FileStatus> before = level.lower().find(name);
        byte[] path = join(level.prefix(), name.bytes());
        if (now.isWhiteout()) {
            before.ifPresent(gone -> changes.put(path, Kind.DELETED));
            return;
        }
        if (before.isEmpty()) {
            changes.put(path, Kind.ADDED);
        } else if (differ(before.get(), now) || now.type() == FileType.REGULAR && !capability(level.upper(), name)
                .equals(level.lower().holder(name).flatMap(holder -> capability(holder, name)))) {
            changes.put(path, Kind.MODIFIED);
        }
        if (now.isDirectory() && path.length < LONGEST_PATH) {
            descend(level, name, path, before.isPresent() && before.get().isDirectory());
        }
    }

    private void descend(Level level, FileName name, byte[] path, boolean merged) {
        try {
            Directory upper = level.upper().directory(name);
            LowerDirectories lower = merged ? level.lower().below(name) : LowerDirectories.NONE;
            enter(upper, lower, join(path, new byte[] {'/'}), attributes.isOpaque(upper.fd()));
        } catch (SystemCallException gone) {
            if (gone.errno() != Errno.ENOENT && gone.errno() != Errno.ENOTDIR && gone.errno() != Errno.ELOOP) {
                throw gone;
            }
        }
    }

    /** Takes the directories over. */
    private void enter(Directory upper, LowerDirectories lower, byte[] prefix, boolean opaque) {
        List<Directory.Entry> entries = upper.list();
        levels.push(new Level(upper, lower, prefix, entries.iterator()));
        if (opaque) {
            Set<FileName> own = new HashSet<>();
            entries.forEach(entry -> own.add(entry.name()));
            lower.names().stream().filter(name -> !own.contains(name)).forEach(name -> changes.put(join(prefix, name.bytes()), Kind.DELETED));
        }
    }

    private static boolean differ(FileStatus before, FileStatus now) {
        return before.type() != now.type() || before.permissions() != now.permissions() || before.uid() != now.uid() || before.gid() != now.gid()
                || before.deviceMajor() != now.deviceMajor() || before.deviceMinor() != now.deviceMinor()
                || !now.isDirectory() && (before.size() != now.size() || before.modifiedSeconds() != now.modifiedSeconds()
                        || before.modifiedNanos() != now.modifiedNanos());
    }

    private Optional<List<Byte>> capability(Directory directory, FileName name) {
        try (Fd file = directory.openPath(name)) {
            return extended.get(file, CAPABILITY).map(OverlayChanges::boxed);
        } catch (SystemCallException none) {
            if (none.errno() == Errno.EOPNOTSUPP || none.errno() == Errno.ENOENT) {
                return Optional.empty();
            }
            throw none;
        }
    }

    private static List<Byte> boxed(byte[] bytes) {
        List<Byte> list = new ArrayList<>();
        for (byte b : bytes) {
            list.add(b);
        }
        return list;
    }

    /** With the directories that are modified by what is in them. */
    private List<Change> result() {
        for (byte[] path : List.copyOf(changes.keySet())) {
            for (int end = path.length - 1; end > 0; end--) {
                if (path[end] == '/') {
                    changes.putIfAbsent(Arrays.copyOf(path, end), Kind.MODIFIED);
                }
            }
        }
        List<Change> result = new ArrayList<>();
        changes.forEach((path, kind) -> result.add(new Change(path, kind)));
        return result;
    }

    private static byte[] join(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    @Override
    public void close() {
        levels.forEach(Level::close);
    }
}
