package io.berth.linux.keeper.log;

import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.SystemCallException;
import java.util.Optional;

/** Goes through a log's records from a place towards the beginning. */
final class BackwardWalk implements AutoCloseable {

    private final Kernel kernel;
    private final Segments segments;
    private SegmentReader segment;
    private long end;

    private BackwardWalk(Kernel kernel, Segments segments) {
        this.kernel = kernel;
        this.segments = segments;
    }

    /** From the latest record on. */
    static BackwardWalk fromEnd(Kernel kernel, Segments segments) {
        BackwardWalk walk = new BackwardWalk(kernel, segments);
        walk.openBelow(Long.MAX_VALUE);
        return walk;
    }

    /** From the record before this offset on. */
    static BackwardWalk from(Kernel kernel, Segments segments, long number, long offset) {
        BackwardWalk walk = new BackwardWalk(kernel, segments);
        walk.open(number).ifPresentOrElse(opened -> {
            walk.segment = opened;
            walk.end = offset;
        }, () -> walk.openBelow(number));
        return walk;
    }

    /** Goes to the record before; false when there is none. */
    boolean previous() {
        while (segment != null) {
            if (segment.before(end)) {
                end = segment.offset();
                return true;
            }
            long number = segment.number();
            segment.close();
            segment = null;
            openBelow(number);
        }
        return false;
    }

    /** The segment, standing at the record gone to. */
    SegmentReader record() {
        return segment;
    }

    @Override
    public void close() {
        if (segment != null) {
            segment.close();
        }
    }

    private void openBelow(long limit) {
        long[] numbers = segments.list();
        for (int i = numbers.length - 1; i >= 0 && segment == null; i--) {
            if (numbers[i] < limit) {
                open(numbers[i]).ifPresent(opened -> {
                    segment = opened;
                    end = opened.soundEnd();
                });
            }
        }
    }

    /** Nothing when the keeper has removed the segment meanwhile. */
    private Optional<SegmentReader> open(long number) {
        try {
            return Optional.of(new SegmentReader(kernel, segments, number));
        } catch (SystemCallException failure) {
            if (failure.errno() == Errno.ENOENT) {
                return Optional.empty();
            }
            throw failure;
        }
    }
}
