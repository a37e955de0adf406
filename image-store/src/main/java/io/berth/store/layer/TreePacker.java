package io.berth.store.layer;

import static io.berth.linux.kernel.Argument.NULL;
import static io.berth.linux.kernel.Argument.of;

import io.berth.linux.file.Directory;
import io.berth.linux.file.FileName;
import io.berth.linux.file.FileStatus;
import io.berth.linux.file.FileType;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SystemCall;
import io.berth.linux.kernel.SystemCallException;
import io.berth.store.content.StoreException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Packs files of a tree into a tar: a directory before what is in it, names in the order of their bytes, so that the same
 * tree gives the same tar. Owners, permissions, times to the nanosecond, hard links, holes, devices and those extended
 * attributes that mean the same elsewhere ({@link PackedAttributes}) are kept; sockets are left out.
 *
 * <p>The tree may belong to somebody who changes it meanwhile, and not in good faith. Every name is first opened without
 * opening anything (O_PATH) and looked at through that descriptor, and only a regular file or a directory is opened for
 * real, through the same descriptor: neither a link nor a device that takes a file's place is ever followed or touched. What
 * is gone by then is left out; a file that has become shorter is filled up with zeros, one that has grown is cut.
 *
 * <p>Memory: the names of the directories on the way down, and one entry for each file with further hard links to come.
 * For one thread, and one of those that may wait in the kernel.
 */
public final class TreePacker {

    /** What a tree's files mean. */
    public enum Form {
        /** Themselves. */
        FILES,
        /** Overlayfs' record of changes: its whiteouts and opaque directories become those of image layers. */
        CHANGES
    }

    private static final String WHITEOUT = ".wh.";
    private static final byte[] OPAQUE_MARK = ".wh..wh..opq".getBytes(StandardCharsets.US_ASCII);
    /** PATH_MAX of linux/limits.h; deeper files cannot be named by anybody who would unpack them. */
    private static final int LONGEST_PATH = 4096;
    private static final byte[] NOTHING = {};

    private final Kernel kernel;
    private final TarWriter tar;
    private final Form form;
    private final PackedAttributes attributes;
    private final ContentReader content;
    private final Deque<Level> levels = new ArrayDeque<>();
    private final Map<Identity, Links> links = new HashMap<>();

    /** @param tar not finished by this */
    public TreePacker(Kernel kernel, TarWriter tar, Form form) {
        this.kernel = kernel;
        this.tar = tar;
        this.form = form;
        this.attributes = new PackedAttributes(kernel);
        this.content = new ContentReader(kernel);
    }

    private record Identity(long device, long inode) {
    }

    /** The name a file was packed under first, and how many of its names are still to be met. */
    private record Links(byte[] first, int left) {
    }

    /** A directory that is being packed; {@code prefix} ends with a slash or is empty. */
    private record Level(Directory directory, byte[] prefix, Iterator<Directory.Entry> entries) {
    }

    /**
     * Packs a file, and when it is a directory everything below it.
     *
     * @param file O_PATH or not; stays the caller's
     * @param name in the tar, for a directory without the slash at its end
     */
    public void add(Fd file, byte[] name) throws IOException {
        try {
            pack(file, name);
            packLevels();
        } finally {
            closeLevels();
        }
    }

    /** Packs what is in a directory, without the directory itself, under names that begin there. */
    public void addContents(Directory directory) throws IOException {
        try {
            levels.push(new Level(directory.again(), NOTHING, sorted(directory)));
            packLevels();
        } finally {
            closeLevels();
        }
    }

    private void packLevels() throws IOException {
        while (!levels.isEmpty()) {
            Level level = levels.peek();
            if (!level.entries().hasNext()) {
                levels.pop().directory().close();
                continue;
            }
            FileName name = level.entries().next().name();
            Optional<Fd> found = openPath(level.directory(), name);
            if (found.isPresent()) {
                try (Fd file = found.get()) {
                    pack(file, join(level.prefix(), name.bytes()));
                }
            }
        }
    }

    private void closeLevels() {
        while (!levels.isEmpty()) {
            levels.pop().directory().close();
        }
    }

    private static Optional<Fd> openPath(Directory directory, FileName name) {
        try {
            return Optional.of(directory.openPath(name));
        } catch (SystemCallException gone) {
            if (gone.errno() == Errno.ENOENT) {
                return Optional.empty();
            }
            throw gone;
        }
    }

    private void pack(Fd file, byte[] name) throws IOException {
        if (name.length >= LONGEST_PATH) {
            throw StoreException.invalid("pack \"" + new String(name, 0, 100, StandardCharsets.UTF_8) + "…\": its path is longer than "
                    + (LONGEST_PATH - 1) + " bytes");
        }
        FileStatus status = FileStatus.of(kernel, file);
        if (form == Form.CHANGES && status.isWhiteout()) {
            mark(beside(name), status);
            return;
        }
        if (status.type() == FileType.SOCKET || linked(status, name)) {
            return;
        }
        switch (status.type()) {
            case DIRECTORY -> enter(file, status, name);
            case REGULAR -> packContent(file, status, name);
            case SYMBOLIC_LINK -> begin(TarEntry.Type.SYMBOLIC_LINK, file, status, name, readLink(file));
            case FIFO -> begin(TarEntry.Type.FIFO, file, status, name, NOTHING);
            case CHARACTER_DEVICE -> begin(TarEntry.Type.CHARACTER_DEVICE, file, status, name, NOTHING);
            case BLOCK_DEVICE -> begin(TarEntry.Type.BLOCK_DEVICE, file, status, name, NOTHING);
            case SOCKET -> throw new IllegalStateException("a socket is left out before");
        }
    }

    /** Whether the file has been packed under another name; then that is what is written. */
    private boolean linked(FileStatus status, byte[] name) throws IOException {
        if (status.linkCount() < 2 || status.isDirectory()) {
            return false;
        }
        Identity identity = new Identity(status.device(), status.inode());
        Links known = links.get(identity);
        if (known == null) {
            links.put(identity, new Links(name, status.linkCount() - 1));
            return false;
        }
        if (known.left() == 1) {
            links.remove(identity);
        } else {
            links.put(identity, new Links(known.first(), known.left() - 1));
        }
        tar.begin(entry(TarEntry.Type.HARD_LINK, status, name, known.first(), 0, List.of(), List.of()));
        return true;
    }

    private void enter(Fd file, FileStatus status, byte[] name) throws IOException {
        Directory directory = Directory.at(kernel, file);
        try {
            byte[] prefix = name.length > 0 && name[name.length - 1] == '/' ? name : join(name, new byte[] {'/'});
            tar.begin(entry(TarEntry.Type.DIRECTORY, status, prefix, NOTHING, 0, attributes.of(file), List.of()));
            if (form == Form.CHANGES && attributes.isOpaque(file)) {
                mark(join(prefix, OPAQUE_MARK), status);
            }
            levels.push(new Level(directory, prefix, sorted(directory)));
        } catch (IOException | RuntimeException failure) {
            directory.close();
            throw failure;
        }
    }

    private void packContent(Fd path, FileStatus status, byte[] name) throws IOException {
        try (Fd file = kernel.open(SystemCall.OPENAT, of(FileCalls.AT_FDCWD), of(path.path()), of(FileCalls.O_RDONLY | FileCalls.O_CLOEXEC), NULL)) {
            List<TarEntry.Segment> segments = content.segments(file, status.size());
            tar.begin(entry(TarEntry.Type.REGULAR, status, name, NOTHING, status.size(), attributes.of(path), segments));
            content.copy(file, segments.isEmpty() ? List.of(new TarEntry.Segment(0, status.size())) : segments, tar);
        }
    }

    private void begin(TarEntry.Type type, Fd file, FileStatus status, byte[] name, byte[] target) throws IOException {
        tar.begin(entry(type, status, name, target, 0, attributes.of(file), List.of()));
    }

    private static TarEntry entry(TarEntry.Type type, FileStatus status, byte[] name, byte[] target, long size,
            List<TarEntry.Attribute> attributes, List<TarEntry.Segment> segments) {
        return new TarEntry(type, name, target, status.permissions(), status.uid(), status.gid(), size, status.modifiedSeconds(),
                status.modifiedNanos(), status.deviceMajor(), status.deviceMinor(), attributes, segments);
    }

    /** An empty file that says something about its directory (OCI image specification, "Representing Changes"). */
    private void mark(byte[] name, FileStatus status) throws IOException {
        tar.begin(new TarEntry(TarEntry.Type.REGULAR, name, NOTHING, 0600, 0, 0, 0, status.modifiedSeconds(), 0, 0, 0, List.of(), List.of()));
    }

    private static byte[] beside(byte[] name) {
        int begin = name.length;
        while (begin > 0 && name[begin - 1] != '/') {
            begin--;
        }
        byte[] directory = Arrays.copyOf(name, begin);
        byte[] mark = join(directory, WHITEOUT.getBytes(StandardCharsets.US_ASCII));
        return join(mark, Arrays.copyOfRange(name, begin, name.length));
    }

    private byte[] readLink(Fd link) {
        NativeBuffer target = NativeBuffer.allocate(LONGEST_PATH);
        long length = kernel.call(SystemCall.READLINKAT, link, of(""), target, of(LONGEST_PATH));
        return target.copy(0, (int) length);
    }

    private static Iterator<Directory.Entry> sorted(Directory directory) {
        List<Directory.Entry> entries = directory.list();
        entries.sort(Comparator.comparing(entry -> entry.name().bytes(), Arrays::compareUnsigned));
        return entries.iterator();
    }

    private static byte[] join(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
