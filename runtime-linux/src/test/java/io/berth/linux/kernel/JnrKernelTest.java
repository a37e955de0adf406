package io.berth.linux.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class JnrKernelTest {

    private final Kernel kernel = new JnrKernel();
    private final FileCalls files = new FileCalls(kernel);
    private final SocketCalls sockets = new SocketCalls(kernel);

    @Test
    void answersWithTheCallersOwnProcessId() {
        assertEquals(ProcessHandle.current().pid(), kernel.call(SystemCall.GETPID));
    }

    @Test
    void namesTheCallItsArgumentsAndTheErrnoOfAFailure() {
        SystemCallException failure = assertThrows(SystemCallException.class,
                () -> files.open("/nowhere/at/all", FileCalls.O_RDONLY, 0));
        assertEquals(Errno.ENOENT, failure.errno());
        assertEquals("openat(-100, \"/nowhere/at/all\", 0x80000, 0): ENOENT (no such file or directory)", failure.getMessage());
    }

    @Test
    void passesSixArguments() {
        Fd memory = files.memory("six", 0);
        kernel.call(SystemCall.FTRUNCATE, memory, Argument.of(4096));
        long address = kernel.call(SystemCall.MMAP, Argument.NULL, Argument.of(4096), Argument.of(3), Argument.of(1), memory,
                Argument.NULL);
        assertTrue(address > 0);
        kernel.call(SystemCall.MUNMAP, Argument.of(address), Argument.of(4096));
        memory.close();
    }

    @Test
    void bytesGoThroughAPipe() {
        try (FileCalls.Pipe pipe = files.pipe()) {
            NativeBuffer out = NativeBuffer.of("berth".getBytes(StandardCharsets.UTF_8));
            assertEquals(5, files.write(pipe.writeEnd(), out, 0, 5));
            NativeBuffer in = NativeBuffer.allocate(16);
            assertEquals(5, files.read(pipe.readEnd(), in, 0, 16));
            assertArrayEquals("berth".getBytes(StandardCharsets.UTF_8), in.copy(0, 5));
        }
    }

    @Test
    void descriptorsTravelWithTheirMessage() {
        try (FileCalls.Pipe ends = sockets.pair(SocketCalls.SOCK_STREAM); FileCalls.Pipe pipe = files.pipe()) {
            sockets.send(ends.writeEnd(), NativeBuffer.of(new byte[] {42}), 1, List.of(pipe.readEnd(), pipe.writeEnd()), 0);
            NativeBuffer in = NativeBuffer.allocate(8);
            SocketCalls.Received received = sockets.receive(ends.readEnd(), in, 0, 8, 0);
            assertEquals(1, received.length());
            assertEquals(2, received.descriptors().size());
            files.write(received.descriptors().get(1), "x");
            assertEquals(1, files.read(pipe.readEnd(), in, 0, 8));
            received.descriptors().forEach(Fd::close);
        }
    }

    @Test
    void aClosedDescriptorIsNotUsedAgain() {
        Fd fd = files.memory("closed", 0);
        fd.close();
        fd.close();
        assertThrows(IllegalStateException.class, fd::number);
    }
}
