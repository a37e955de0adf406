package io.berth.daemon.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.JnrKernel;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SocketCalls;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class ExecStartTest {

    private static final int MUCH = 64;

    private final Kernel kernel = new JnrKernel();
    private final FileCalls files = new FileCalls(kernel);

    @Test
    void aRefusedClientReadsWhyAndThenTheEndThoughTheKeeperHasItToo() {
        assertEquals("no answer", readByARefused(true, "no answer"));
        assertEquals("\1\0\0\0\0\0\0\11no answer", readByARefused(false, "no answer"));
    }

    /** Reads to the end, which comes by no close. */
    private String readByARefused(boolean raw, String why) {
        FileCalls.Pipe pair = new SocketCalls(kernel).pair(SocketCalls.SOCK_STREAM);
        try (Fd client = pair.readEnd(); Fd daemons = pair.writeEnd(); Fd keepers = files.duplicate(daemons)) {
            ExecStart.refuse(kernel, daemons, raw, why);
            NativeBuffer read = NativeBuffer.allocate(MUCH);
            int length = 0;
            for (int count; (count = files.read(client, read, length, MUCH - length)) > 0; ) {
                length += count;
            }
            assertFalse(keepers.isClosed());
            return new String(read.copy(0, length), StandardCharsets.ISO_8859_1);
        }
    }
}
