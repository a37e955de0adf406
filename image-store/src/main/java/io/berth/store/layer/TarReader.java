package io.berth.store.layer;

import io.berth.store.content.StoreException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Reads a tar: POSIX ustar and pax, GNU long names, numbers and sparse files in all four formats. Names, link targets and
 * attributes stay the bytes they are, which is why this exists: the usual libraries make characters of them.
 *
 * <p>Nothing of the content is trusted: headers are bounded, checked and never make more than a few MiB of memory. An
 * unreadable archive is a {@link StoreException} (invalid) with the texts of the reference engine's tar reader.
 */
public final class TarReader {

    private static final int LARGEST_EXTENSION = 1 << 20;
    private static final int MOST_SEGMENTS = 1 << 18;
    private static final long NO_ID = 0xffff_ffffL;

    private final InputStream in;
    /** Bytes of the current member not read yet, then the padding behind them. */
    private long left;
    private int padding;

    /** @param in best buffered; not closed by this */
    public TarReader(InputStream in) {
        this.in = in;
    }

    /** The next member; what was not read of the last one is skipped. */
    public Optional<TarEntry> next() throws IOException {
        PaxRecords pax = PaxRecords.NONE;
        Optional<byte[]> longPath = Optional.empty();
        Optional<byte[]> longLink = Optional.empty();
        while (true) {
            skipRest();
            byte[] block = in.readNBytes(TarHeader.BLOCK);
            // Some writers leave the two blocks of zeros out that mark the end; what is missing then shows in the digest.
            if (block.length == 0) {
                return Optional.empty();
            }
            if (block.length < TarHeader.BLOCK) {
                throw truncated();
            }
            if (TarHeader.isZero(block)) {
                return Optional.empty();
            }
            TarHeader header = TarHeader.of(block);
            switch (header.kind()) {
                case 'x', 'X' -> pax = PaxRecords.parse(extension(header));
                // A global header comments the whole archive; the reference engine ignores it.
                case 'g' -> extension(header);
                case 'L' -> longPath = Optional.of(untilNul(extension(header)));
                case 'K' -> longLink = Optional.of(untilNul(extension(header)));
                default -> {
                    byte[] path = longPath.or(() -> Optional.of(header.path())).get();
                    byte[] link = longLink.or(() -> Optional.of(header.linkPath())).get();
                    return Optional.of(entry(header, pax, pax.bytes("path").orElse(path), pax.bytes("linkpath").orElse(link)));
                }
            }
        }
    }

    /** Reads content of the current member; -1 when there is no more. */
    public int read(byte[] into, int offset, int length) throws IOException {
        if (left == 0) {
            return -1;
        }
        int count = in.read(into, offset, (int) Math.min(length, left));
        if (count < 0) {
            throw truncated();
        }
        left -= count;
        return count;
    }

    private TarEntry entry(TarHeader header, PaxRecords pax, byte[] path, byte[] link) throws IOException {
        TarEntry.Type type = type(header.kind(), path);
        long stored = type == TarEntry.Type.REGULAR ? positive(pax.number("size").orElse(header.size())) : 0;
        begin(type == TarEntry.Type.REGULAR ? stored : skipped(type, header));
        byte[] realPath = pax.bytes("GNU.sparse.name").orElse(path);
        List<TarEntry.Segment> segments = List.of();
        long size = stored;
        if (header.kind() == 'S') {
            segments = gnuSegments(header);
            size = header.realSize();
        } else if (pax.has("GNU.sparse.major") || !pax.sparseMap().isEmpty()) {
            segments = pax.has("GNU.sparse.major") ? segmentsInContent() : segments(pax.sparseMap());
            size = pax.number("GNU.sparse.realsize").orElse(pax.number("GNU.sparse.size").orElse(stored));
        }
        if (size != stored || !segments.isEmpty()) {
            segments = checked(segments, size);
        }
        PaxRecords.Time modified = pax.time("mtime").orElse(new PaxRecords.Time(header.modifiedSeconds(), 0));
        return new TarEntry(type, realPath, link, header.permissions(), id(pax.number("uid").orElse(header.uid())),
                id(pax.number("gid").orElse(header.gid())), size, modified.seconds(), modified.nanos(), header.deviceMajor(),
                header.deviceMinor(), pax.attributes(), segments);
    }

    /** Some writers give links and directories a size; only directories' is followed by content, in no dialect we know. */
    private static long skipped(TarEntry.Type type, TarHeader header) {
        return type == TarEntry.Type.HARD_LINK || type == TarEntry.Type.SYMBOLIC_LINK ? 0 : positive(header.size());
    }

    private static TarEntry.Type type(byte kind, byte[] path) {
        return switch (kind) {
            // Before POSIX a directory was a file whose name ends with a slash.
            case 0, '0', '7' -> path.length > 0 && path[path.length - 1] == '/' ? TarEntry.Type.DIRECTORY : TarEntry.Type.REGULAR;
            case 'S' -> TarEntry.Type.REGULAR;
            case '1' -> TarEntry.Type.HARD_LINK;
            case '2' -> TarEntry.Type.SYMBOLIC_LINK;
            case '3' -> TarEntry.Type.CHARACTER_DEVICE;
            case '4' -> TarEntry.Type.BLOCK_DEVICE;
            case '5' -> TarEntry.Type.DIRECTORY;
            case '6' -> TarEntry.Type.FIFO;
            default -> throw StoreException.invalid("unhandled tar header type " + (kind & 0xff));
        };
    }

    private void begin(long size) {
        left = size;
        padding = (int) (-size & TarHeader.BLOCK - 1);
    }

    private void skipRest() throws IOException {
        try {
            in.skipNBytes(left + padding);
        } catch (EOFException early) {
            throw truncated();
        }
        left = 0;
        padding = 0;
    }

    private byte[] extension(TarHeader header) throws IOException {
        long size = positive(header.size());
        if (size > LARGEST_EXTENSION) {
            throw StoreException.invalid("archive/tar: header field too long: " + size + " bytes");
        }
        begin(size);
        return content((int) size);
    }

    private byte[] content(int size) throws IOException {
        byte[] content = new byte[size];
        for (int at = 0; at < size;) {
            int count = read(content, at, size - at);
            if (count < 0) {
                throw truncated();
            }
            at += count;
        }
        return content;
    }

    private List<TarEntry.Segment> gnuSegments(TarHeader header) throws IOException {
        List<TarEntry.Segment> segments = new ArrayList<>(header.segments());
        boolean more = header.hasMoreSegments();
        while (more) {
            byte[] block = in.readNBytes(TarHeader.BLOCK);
            if (block.length < TarHeader.BLOCK) {
                throw truncated();
            }
            segments.addAll(TarHeader.moreSegments(block));
            more = TarHeader.hasMoreSegments(block);
            refuseTooMany(segments.size());
        }
        return segments;
    }

    /** GNU's format 1.0: the map stands before the content, one decimal number a line, padded to a block. */
    private List<TarEntry.Segment> segmentsInContent() throws IOException {
        long before = left;
        long count = line();
        refuseTooMany(count);
        List<Long> numbers = new ArrayList<>();
        for (long i = 0; i < 2 * count; i++) {
            numbers.add(line());
        }
        content((int) (-(before - left) & TarHeader.BLOCK - 1));
        return segments(numbers);
    }

    private long line() throws IOException {
        long value = 0;
        for (int digits = 0; digits < 19; digits++) {
            byte b = content(1)[0];
            if (b == '\n') {
                return value;
            }
            if (b < '0' || b > '9') {
                break;
            }
            value = value * 10 + b - '0';
        }
        throw StoreException.invalid("archive/tar: invalid tar header: a sparse map is malformed");
    }

    private static List<TarEntry.Segment> segments(List<Long> numbers) {
        refuseTooMany(numbers.size() / 2);
        List<TarEntry.Segment> segments = new ArrayList<>();
        for (int i = 0; i + 1 < numbers.size(); i += 2) {
            segments.add(new TarEntry.Segment(numbers.get(i), numbers.get(i + 1)));
        }
        return segments;
    }

    /** Segments go up, stay within the file, and are as long together as what is stored. */
    private List<TarEntry.Segment> checked(List<TarEntry.Segment> segments, long size) {
        long at = 0;
        long total = 0;
        for (TarEntry.Segment segment : segments) {
            if (segment.offset() < at || segment.length() < 0 || segment.length() > size - segment.offset()) {
                throw StoreException.invalid("archive/tar: invalid tar header: a sparse map is out of bounds");
            }
            at = segment.offset() + segment.length();
            total += segment.length();
        }
        if (total != left) {
            throw StoreException.invalid("archive/tar: invalid tar header: a sparse map does not fit its content");
        }
        return segments.isEmpty() ? List.of(new TarEntry.Segment(0, 0)) : segments;
    }

    private static void refuseTooMany(long segments) {
        if (segments > MOST_SEGMENTS) {
            throw StoreException.invalid("archive/tar: header field too long: " + segments + " sparse segments");
        }
    }

    private static long positive(long size) {
        if (size < 0) {
            throw StoreException.invalid("archive/tar: invalid tar header: a size is negative");
        }
        return size;
    }

    /** 32 bits, without the one that chown(2) takes for "leave it". */
    private static int id(long id) {
        if (id < 0 || id >= NO_ID) {
            throw StoreException.invalid("archive/tar: invalid tar header: no user or group has the id " + id);
        }
        return (int) id;
    }

    private static byte[] untilNul(byte[] text) {
        int end = 0;
        while (end < text.length && text[end] != 0) {
            end++;
        }
        return Arrays.copyOf(text, end);
    }

    private static StoreException truncated() {
        return StoreException.invalid("unexpected EOF");
    }
}
