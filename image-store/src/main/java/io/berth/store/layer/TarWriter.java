package io.berth.store.layer;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Writes a tar: POSIX ustar, with a pax header before a member whose description does not fit (POSIX.1-2001, "pax
 * Interchange Format"), and GNU's sparse format 1.0 for files with holes. Names, link targets and attributes are the bytes
 * they are. The counterpart of {@link TarReader}, which reads back every field.
 *
 * <p>For each member {@link #begin} and then, for a regular file, {@link #content} until all its bytes are there; after the
 * last one {@link #finish}. Nothing is kept of what was written: a tar of any size takes the memory of one header. The same
 * members in the same order give the same bytes, whoever writes them and when; layers are named by that.
 *
 * <p>For one thread at a time.
 */
public final class TarWriter {

    private static final int LONGEST_NAME = 100;
    private static final int LONGEST_PREFIX = 155;
    /** What seven and eleven octal digits hold. */
    private static final long LARGEST_SMALL = (1L << 21) - 1;
    private static final long LARGEST_BIG = (1L << 33) - 1;
    private static final byte[] NOTHING = {};

    private final OutputStream out;
    private long missing;
    private int padding;

    /** @param out best buffered: it gets a header at a time and content as it comes; not closed by this */
    public TarWriter(OutputStream out) {
        this.out = out;
    }

    /**
     * Begins a member.
     *
     * @param entry of a regular file with {@link TarEntry#segments}, these and no other bytes are the content to come
     */
    public void begin(TarEntry entry) throws IOException {
        end();
        boolean sparse = !entry.segments().isEmpty();
        byte[] map = sparse ? sparseMap(entry.segments()) : NOTHING;
        long stored = sparse ? map.length + entry.segments().stream().mapToLong(TarEntry.Segment::length).sum() : size(entry);
        PaxHeader pax = new PaxHeader();
        Fields fields = new Fields(entry, sparse ? sparseName(entry.path()) : entry.path(), stored, pax);
        if (sparse) {
            pax.put("GNU.sparse.major", "1");
            pax.put("GNU.sparse.minor", "0");
            pax.put("GNU.sparse.name", entry.path());
            pax.put("GNU.sparse.realsize", Long.toString(entry.size()));
        }
        entry.attributes().stream().sorted(Comparator.comparing(TarEntry.Attribute::name, Arrays::compareUnsigned))
                .forEach(pax::put);
        if (!pax.isEmpty()) {
            writePax(entry, pax.bytes());
        }
        out.write(fields.block());
        out.write(map);
        expect(stored);
        missing -= map.length;
    }

    /** Content of the member that was begun. */
    public void content(byte[] bytes, int offset, int length) throws IOException {
        if (length > missing) {
            throw new IllegalStateException("the member of a tar has " + missing + " bytes left, not " + length);
        }
        out.write(bytes, offset, length);
        missing -= length;
    }

    /** Ends the tar: two blocks of zeros. */
    public void finish() throws IOException {
        end();
        out.write(new byte[2 * TarHeader.BLOCK]);
    }

    private static long size(TarEntry entry) {
        return entry.type() == TarEntry.Type.REGULAR ? entry.size() : 0;
    }

    private void expect(long size) {
        missing = size;
        padding = (int) (-size & TarHeader.BLOCK - 1);
    }

    private void end() throws IOException {
        if (missing != 0) {
            throw new IllegalStateException("the member of a tar lacks " + missing + " bytes");
        }
        out.write(new byte[padding]);
        padding = 0;
    }

    private void writePax(TarEntry entry, byte[] records) throws IOException {
        TarEntry described = new TarEntry(TarEntry.Type.REGULAR, NOTHING, NOTHING, 0644, 0, 0, records.length,
                Math.clamp(entry.modifiedSeconds(), 0, LARGEST_BIG), 0, 0, 0, List.of(), List.of());
        byte[] name = lastOf(entry.path());
        byte[] path = join("PaxHeaders.0/".getBytes(US_ASCII), Arrays.copyOf(name, Math.min(name.length, LONGEST_NAME - 13)));
        Fields header = new Fields(described, path, records.length, new PaxHeader());
        header.block[156] = 'x';
        out.write(header.block());
        expect(records.length);
        content(records, 0, records.length);
        end();
    }

    /** GNU's map in front of the content: the number of segments, then offset and length of each, one a line, padded. */
    private static byte[] sparseMap(List<TarEntry.Segment> segments) {
        StringBuilder lines = new StringBuilder().append(segments.size()).append('\n');
        segments.forEach(segment -> lines.append(segment.offset()).append('\n').append(segment.length()).append('\n'));
        byte[] text = lines.toString().getBytes(US_ASCII);
        return Arrays.copyOf(text, text.length + (-text.length & TarHeader.BLOCK - 1));
    }

    /** What a reader that knows no sparse files calls the raw content. */
    private static byte[] sparseName(byte[] path) {
        byte[] name = lastOf(path);
        byte[] directory = Arrays.copyOf(path, path.length - name.length);
        return join(join(directory, "GNUSparseFile.0/".getBytes(US_ASCII)), name);
    }

    private static byte[] lastOf(byte[] path) {
        int end = path.length > 0 && path[path.length - 1] == '/' ? path.length - 1 : path.length;
        int begin = end;
        while (begin > 0 && path[begin - 1] != '/') {
            begin--;
        }
        return Arrays.copyOfRange(path, begin, path.length);
    }

    private static byte[] join(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    /** The block of one header; what does not fit into its field goes to the pax header. */
    private static final class Fields {
        private final byte[] block = new byte[TarHeader.BLOCK];
        private final PaxHeader pax;

        Fields(TarEntry entry, byte[] path, long stored, PaxHeader pax) {
            this.pax = pax;
            path(path);
            octal(100, 8, entry.permissions());
            number("uid", 108, 8, Integer.toUnsignedLong(entry.uid()));
            number("gid", 116, 8, Integer.toUnsignedLong(entry.gid()));
            number("size", 124, 12, stored);
            time(entry);
            block[156] = kind(entry.type());
            link(entry.linkPath());
            put(257, "ustar\00000".getBytes(US_ASCII));
            octal(329, 8, entry.deviceMajor());
            octal(337, 8, entry.deviceMinor());
        }

        private void path(byte[] path) {
            int slash = path.length <= LONGEST_NAME ? 0 : prefixLength(path);
            if (slash < 0) {
                pax.put("path", path);
                put(0, Arrays.copyOf(path, LONGEST_NAME));
            } else if (slash == 0) {
                put(0, path);
            } else {
                put(0, Arrays.copyOfRange(path, slash + 1, path.length));
                put(345, Arrays.copyOf(path, slash));
            }
        }

        /** Where to cut a long path into POSIX's two fields; negative when it cannot be. */
        private static int prefixLength(byte[] path) {
            for (int i = Math.max(1, path.length - LONGEST_NAME - 1); i <= Math.min(LONGEST_PREFIX, path.length - 2); i++) {
                if (path[i] == '/') {
                    return i;
                }
            }
            return -1;
        }

        private void link(byte[] target) {
            if (target.length > LONGEST_NAME) {
                pax.put("linkpath", target);
            }
            put(157, Arrays.copyOf(target, Math.min(target.length, LONGEST_NAME)));
        }

        private void time(TarEntry entry) {
            long seconds = entry.modifiedSeconds();
            boolean fits = seconds >= 0 && seconds <= LARGEST_BIG;
            if (!fits || entry.modifiedNanos() != 0) {
                pax.put("mtime", decimal(seconds, entry.modifiedNanos()));
            }
            octal(136, 12, fits ? seconds : 0);
        }

        /** Before 1970 the fraction counts down: -1 s and 0.25 s on top are -0.75. */
        private static String decimal(long seconds, int nanos) {
            return nanos == 0 ? Long.toString(seconds)
                    : BigDecimal.valueOf(seconds).add(BigDecimal.valueOf(nanos, 9)).stripTrailingZeros().toPlainString();
        }

        private void number(String key, int at, int length, long value) {
            boolean fits = value <= (length == 8 ? LARGEST_SMALL : LARGEST_BIG);
            if (!fits) {
                pax.put(key, Long.toString(value));
            }
            octal(at, length, fits ? value : 0);
        }

        private void octal(int at, int length, long value) {
            String digits = Long.toOctalString(value);
            put(at, ("0".repeat(length - 1 - digits.length()) + digits).getBytes(US_ASCII));
        }

        private void put(int at, byte[] text) {
            System.arraycopy(text, 0, block, at, text.length);
        }

        private static byte kind(TarEntry.Type type) {
            return (byte) switch (type) {
                case REGULAR -> '0';
                case HARD_LINK -> '1';
                case SYMBOLIC_LINK -> '2';
                case CHARACTER_DEVICE -> '3';
                case BLOCK_DEVICE -> '4';
                case DIRECTORY -> '5';
                case FIFO -> '6';
            };
        }

        /** With its checksum, for which the checksum itself counts as blanks. */
        byte[] block() {
            Arrays.fill(block, 148, 156, (byte) ' ');
            int sum = 0;
            for (byte b : block) {
                sum += b & 0xff;
            }
            octal(148, 7, sum);
            return block;
        }
    }
}
