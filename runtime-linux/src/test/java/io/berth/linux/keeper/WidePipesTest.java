package io.berth.linux.keeper;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.berth.linux.kernel.Argument;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.JnrKernel;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SystemCall;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** With the kernel's own pipes. Needs no root. */
class WidePipesTest {

    private static final int F_GETPIPE_SZ = 1032;

    private final Kernel kernel = new JnrKernel();
    private final FileCalls files = new FileCalls(kernel);
    private final WidePipes wide = new WidePipes(kernel);
    private final List<FileCalls.Pipe> pipes = new ArrayList<>(Stream.generate(files::pipe).limit(WidePipes.MOST + 2).toList());

    @AfterEach
    void close() {
        pipes.forEach(FileCalls.Pipe::close);
    }

    @Test
    void theOneThatHasBeenWideForLongestGivesUpItsPlace() {
        for (int i = 0; i <= WidePipes.MOST; i++) {
            wide.widen(end(i));
        }
        assertEquals(WidePipes.USUAL, size(0));
        for (int i = 1; i <= WidePipes.MOST; i++) {
            assertEquals(WidePipes.WIDE, size(i));
        }
        wide.widen(end(0));
        assertEquals(WidePipes.WIDE, size(0));
        assertEquals(WidePipes.USUAL, size(1));
    }

    @Test
    void oneThatIsTooFullToBecomeNarrowKeepsItsPlace() {
        wide.widen(end(0));
        files.write(pipes.getFirst().writeEnd(), NativeBuffer.allocate(WidePipes.WIDE), 0, WidePipes.WIDE);
        for (int i = 1; i <= WidePipes.MOST; i++) {
            wide.widen(end(i));
        }
        assertEquals(WidePipes.WIDE, size(0));
        assertEquals(WidePipes.USUAL, size(WidePipes.MOST));
    }

    @Test
    void aClosedPipesPlaceIsFree() {
        for (int i = 0; i < WidePipes.MOST; i++) {
            wide.widen(end(i));
        }
        wide.forget(end(5));
        wide.widen(end(WidePipes.MOST));
        assertEquals(WidePipes.WIDE, size(0));
        assertEquals(WidePipes.WIDE, size(WidePipes.MOST));
    }

    private Fd end(int number) {
        return pipes.get(number).readEnd();
    }

    private long size(int number) {
        return kernel.call(SystemCall.FCNTL, end(number), Argument.of(F_GETPIPE_SZ), Argument.NULL);
    }
}
