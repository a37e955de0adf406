package io.berth.linux.keeper.log;

import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.SystemCallException;
import java.util.Arrays;

/** A way through a spool. */
final class SpoolPass implements LogPass {

    private final Kernel kernel;
    private final Segments segments;
    private final LogQuery query;
    private final LogSink sink;
    private final LineAssembler[] assemblers = new LineAssembler[LogFormat.STREAMS];
    private SegmentReader segment;
    private long offset = LogFormat.SEGMENT_HEAD;
    /** What of the first record comes before the tail: bytes, or unfinished lines of a mark. */
    private int skip;
    private long lastTime;
    private long left = Long.MAX_VALUE;
    private boolean over;
    private LogPlace stop = new LogPlace(Long.MAX_VALUE, 0);
    /** Streams whose line was begun before the place where this pass begins, by another pass. */
    private final boolean[] continued = new boolean[LogFormat.STREAMS];

    SpoolPass(Kernel kernel, Segments segments, LogQuery query, LogSink sink) {
        this.kernel = kernel;
        this.segments = segments;
        this.query = query;
        this.sink = sink;
        for (int stream = LogFormat.STDOUT; stream < LogFormat.STREAMS; stream++) {
            assemblers[stream] = new LineAssembler(stream, this::choose);
        }
    }

    @Override
    public void start() {
        if (query.tail() >= 0) {
            startAtTail();
        } else if (query.sinceNanos() != Long.MIN_VALUE) {
            startBefore(query.sinceNanos());
        }
    }

    @Override
    public void endAfter(long lines) {
        left = lines;
    }

    @Override
    public boolean drain() {
        while (!over && !isAtStop()) {
            if (segment != null && segment.at(offset)) {
                deliver();
                offset = segment.next();
                continue;
            }
            long next = numberAfter(segment == null ? 0 : segment.number());
            if (next == 0) {
                return true;
            }
            // A later segment means that this one is complete: look once more, then leave it.
            if (segment == null || !segment.at(offset)) {
                open(next);
            }
        }
        return false;
    }

    @Override
    public void between(LogPlace first, LogPlace last) {
        if (!first.equals(LogPlace.BEGINNING)) {
            open(first.file());
            offset = first.offset();
            for (int stream = LogFormat.STDOUT; stream < LogFormat.STREAMS; stream++) {
                continued[stream] = true;
            }
        }
        stop = last;
        drain();
        finish();
    }

    @Override
    public LogPlace end() {
        long[] numbers = segments.list();
        if (numbers.length == 0) {
            return LogPlace.BEGINNING;
        }
        try (SegmentReader last = new SegmentReader(kernel, segments, numbers[numbers.length - 1])) {
            return new LogPlace(last.number(), last.soundEnd());
        }
    }

    private boolean isAtStop() {
        return segment != null && (segment.number() > stop.file() || segment.number() == stop.file() && offset >= stop.offset());
    }

    @Override
    public void finish() {
        for (int stream = LogFormat.STDOUT; stream < LogFormat.STREAMS; stream++) {
            assemblers[stream].finish(lastTime);
        }
    }

    @Override
    public void close() {
        if (segment != null) {
            segment.close();
        }
    }

    private void choose(LogLine line) {
        over |= left-- == 0 || line.timeNanos() > query.untilNanos();
        if (!over && query.wants(line)) {
            sink.line(line);
        }
    }

    private void deliver() {
        lastTime = segment.timeNanos();
        int skipped = skip;
        skip = 0;
        if (segment.stream() == LogFormat.MARK) {
            deliverMark(skipped);
            return;
        }
        LineAssembler assembler = assemblers[segment.stream()];
        byte[] data = segment.data();
        int carry = segment.carry();
        if (skipped > 0) {
            carry = LineAssembler.carryAt(data, 0, skipped, carry);
            assembler.begin(new byte[0], carry);
        } else if (!assembler.begun()) {
            assembler.begin(continued[segment.stream()] ? new byte[0] : before(segment.stream(), carry), carry);
        }
        assembler.add(data, skipped, carry, lastTime);
    }

    private void deliverMark(int skipped) {
        int toSkip = skipped;
        for (int stream = LogFormat.STDOUT; stream < LogFormat.STREAMS; stream++) {
            int carry = segment.markedCarry(stream);
            LineAssembler assembler = assemblers[stream];
            if (toSkip > 0 && !LineAssembler.endsPiece(carry)) {
                toSkip--;
                assembler.begin(new byte[0], 0);
            } else if (!assembler.begun()) {
                assembler.begin(continued[stream] ? new byte[0] : before(stream, carry), carry);
            }
            assembler.finish(lastTime);
        }
    }

    /** The last bytes that came before the present record in the unfinished piece of a line. */
    private byte[] before(int stream, int carry) {
        byte[] piece = new byte[Integer.remainderUnsigned(carry, LogLine.LONGEST)];
        int from = piece.length;
        try (BackwardWalk walk = BackwardWalk.from(kernel, segments, segment.number(), offset)) {
            while (from > 0 && walk.previous()) {
                if (walk.record().stream() == stream) {
                    byte[] data = walk.record().data();
                    int count = Math.min(from, data.length);
                    from -= count;
                    System.arraycopy(data, data.length - count, piece, from, count);
                }
            }
        }
        return Arrays.copyOfRange(piece, from, piece.length);
    }

    private void startAtTail() {
        long wanted = query.tail();
        try (BackwardWalk walk = BackwardWalk.fromEnd(kernel, segments)) {
            while (walk.previous()) {
                SegmentReader record = walk.record();
                int[] ends = record.stream() == LogFormat.MARK ? markEnds(record)
                        : LineAssembler.pieceEnds(record.data(), record.carry());
                if (ends.length > wanted) {
                    skip = ends[ends.length - 1 - (int) wanted];
                    offset = record.offset();
                    segment = new SegmentReader(kernel, segments, record.number());
                    return;
                }
                wanted -= ends.length;
            }
        }
    }

    /** A mark ends as many pieces as it counts unfinished lines. */
    private static int[] markEnds(SegmentReader mark) {
        int count = 0;
        for (int stream = LogFormat.STDOUT; stream < LogFormat.STREAMS; stream++) {
            count += LineAssembler.endsPiece(mark.markedCarry(stream)) ? 0 : 1;
        }
        return count == 2 ? new int[] {1, 2} : count == 1 ? new int[] {1} : new int[0];
    }

    /** Begins with the last segment whose first record is older. */
    private void startBefore(long time) {
        long[] numbers = segments.list();
        for (int i = numbers.length - 1; i > 0; i--) {
            open(numbers[i]);
            if (segment != null && segment.at(offset) && segment.timeNanos() < time) {
                return;
            }
        }
        close();
        segment = null;
    }

    private long numberAfter(long number) {
        for (long candidate : segments.list()) {
            if (candidate > number) {
                return candidate;
            }
        }
        return 0;
    }

    /** Goes to the beginning of a segment; stays without one when the keeper has removed it meanwhile. */
    private void open(long number) {
        close();
        segment = null;
        offset = LogFormat.SEGMENT_HEAD;
        try {
            segment = new SegmentReader(kernel, segments, number);
        } catch (SystemCallException failure) {
            if (failure.errno() != Errno.ENOENT) {
                throw failure;
            }
        }
    }
}
