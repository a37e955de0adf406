package io.berth.daemon.boot;

import io.berth.linux.kernel.Argument;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.SocketCalls;
import io.berth.linux.kernel.SystemCall;
import io.berth.linux.kernel.SystemCallException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells systemd how the daemon is, as sd_notify(3) does: one datagram to the socket that NOTIFY_SOCKET names. Without
 * that variable nobody listens and nothing is sent.
 */
final class ServiceManager {

    private static final Logger LOG = LoggerFactory.getLogger(ServiceManager.class);

    private final Kernel kernel;
    private final Optional<String> socketPath;

    ServiceManager(Kernel kernel, Optional<String> socketPath) {
        this.kernel = kernel;
        this.socketPath = socketPath;
    }

    void ready() {
        tell("READY=1");
    }

    void stopping() {
        tell("STOPPING=1");
    }

    /** A service manager that does not listen does not stop the daemon. */
    private void tell(String state) {
        if (socketPath.isEmpty()) {
            return;
        }
        SocketCalls sockets = new SocketCalls(kernel);
        try (Fd socket = sockets.socket(SocketCalls.AF_UNIX, SocketCalls.SOCK_DGRAM, 0)) {
            sockets.connectUnix(socket, socketPath.get());
            Argument.Text message = (Argument.Text) Argument.of(state);
            kernel.call(SystemCall.WRITE, socket, message, Argument.of(message.bytes().length));
        } catch (SystemCallException | IllegalArgumentException failure) {
            LOG.warn("cannot tell the service manager {} at {}: {}", state, socketPath.get(), failure.getMessage());
        }
    }
}
