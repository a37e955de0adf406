package io.berth.daemon.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.JnrKernel;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.RecordingKernel;
import io.berth.linux.kernel.SocketCalls;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServiceManagerTest {

    @TempDir
    Path directory;

    @Test
    void readinessIsOneDatagram() {
        Kernel kernel = new JnrKernel();
        SocketCalls sockets = new SocketCalls(kernel);
        String path = directory.resolve("notify").toString();
        try (Fd systemd = sockets.socket(SocketCalls.AF_UNIX, SocketCalls.SOCK_DGRAM, 0)) {
            sockets.bindUnix(systemd, path);
            new ServiceManager(kernel, Optional.of(path)).ready();
            NativeBuffer message = NativeBuffer.allocate(64);
            int length = sockets.receive(systemd, message, 0, 64, SocketCalls.MSG_DONTWAIT).length();
            assertEquals("READY=1", new String(message.copy(0, length), StandardCharsets.UTF_8));
        }
    }

    @Test
    void aServiceManagerThatIsGoneDoesNotStopTheDaemon() {
        new ServiceManager(new JnrKernel(), Optional.of(directory.resolve("nobody").toString())).stopping();
    }

    @Test
    void withoutAServiceManagerNothingIsSent() {
        RecordingKernel kernel = new RecordingKernel();
        new ServiceManager(kernel, Optional.empty()).ready();
        assertTrue(kernel.calls().isEmpty());
    }
}
