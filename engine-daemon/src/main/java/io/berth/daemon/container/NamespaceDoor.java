package io.berth.daemon.container;

import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.SystemCallException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Opens the network namespaces of containers that run. */
final class NamespaceDoor {

    private final FileCalls files;

    NamespaceDoor(Kernel kernel) {
        this.files = new FileCalls(kernel);
    }

    /**
     * Empty when the container has no process any more, or none that is known yet. The number of a process that has ended may be
     * another's by now: what is in the container's cgroup after the namespace was opened has been the container's all the while.
     */
    Optional<Fd> open(Container container) {
        int pid = container.state().currentRun().map(ContainerState.Running::pid).orElse(0);
        if (pid == 0) {
            return Optional.empty();
        }
        Fd namespace = null;
        try {
            namespace = files.open("/proc/" + pid + "/ns/net", FileCalls.O_RDONLY, 0);
            if (Files.readString(Path.of("/proc", Integer.toString(pid), "cgroup")).contains(container.id().hex())) {
                return Optional.of(namespace);
            }
        } catch (SystemCallException | IOException ended) {
            // The news of its end is on its way.
        }
        if (namespace != null) {
            namespace.close();
        }
        return Optional.empty();
    }
}
