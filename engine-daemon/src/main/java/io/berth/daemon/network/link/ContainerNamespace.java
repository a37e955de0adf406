package io.berth.daemon.network.link;

import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.namespace.NetworkNamespace;
import io.berth.linux.netlink.NetlinkSocket;
import io.berth.linux.netlink.RouteReader;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A container's network namespace as the network's thread works on it.
 *
 * @param handle the caller's
 * @param routes rtnetlink inside of it; closed with this
 */
public record ContainerNamespace(Kernel kernel, Fd handle, NetlinkSocket routes) implements AutoCloseable {

    /** One that a container is to start in. */
    public static ContainerNamespace of(Kernel kernel, NetworkNamespace fresh) {
        return new ContainerNamespace(kernel, fresh.handle(), fresh.routes());
    }

    /** That of a container that runs. */
    public static ContainerNamespace enter(Kernel kernel, Fd handle) {
        return new ContainerNamespace(kernel, handle, NetworkNamespace.inside(kernel, handle, () -> NetlinkSocket.route(kernel)));
    }

    /** Writes files below {@code /proc/sys/net}, which shows the namespace of whoever looks. */
    void write(Map<String, String> files) {
        NetworkNamespace.inside(kernel, handle, () -> {
            FileCalls calls = new FileCalls(kernel);
            files.forEach((path, text) -> calls.write("/proc/sys/net/" + path, text));
            return true;
        });
    }

    /** The names of its links. */
    public List<String> links() {
        return new RouteReader(routes).links().stream().map(RouteReader.Link::name).toList();
    }

    /** The index of a link. */
    Optional<Integer> link(String name) {
        return new RouteReader(routes).link(name).map(RouteReader.Link::index);
    }

    @Override
    public void close() {
        routes.close();
    }
}
