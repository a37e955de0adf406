package io.berth.daemon.dns;

import static io.berth.linux.kernel.Argument.of;

import io.berth.daemon.network.address.IpAddress;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.InetSockets;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SocketCalls;
import io.berth.linux.kernel.SystemCall;
import io.berth.linux.namespace.NetworkNamespace;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * Opens resolvers in namespaces that nobody sees and asks them, for the rehearsal that notes which classes and methods a daemon needs: a
 * first container's start takes 60 ms longer otherwise. Nothing of the host's changes.
 */
public final class ResolverRehearsal {

    private static final int ROUNDS = 20;
    private static final int LOOKUPS = 50;
    private static final String NAME = "rehearsal";

    private ResolverRehearsal() {
    }

    public static void run(Kernel kernel) {
        IpAddress address = IpAddress.parse("192.0.2.1");
        NamesOfNetworks names = new NamesOfNetworks(List::of);
        try (NamespaceThread thread = new NamespaceThread(kernel)) {
            NamespaceSockets sockets = new NamespaceSockets(kernel, thread);
            try (DnsServer server = new DnsServer(kernel, names, sockets)) {
                for (int round = 0; round < ROUNDS; round++) {
                    String container = NAME + round;
                    names.put(container, new NamesOfNetworks.Member(List.of(new Membership(NAME, NAME, List.of(NAME, container), Map.of(),
                            List.of(address))), List.of(), true, true));
                    try (NetworkNamespace namespace = NetworkNamespace.create(kernel)) {
                        server.serve(container, thread.call(() -> sockets.listen(namespace.handle())));
                        NetworkNamespace.inside(kernel, namespace.handle(), () -> ask(kernel));
                        server.end(container);
                        names.remove(container);
                    }
                }
            }
        }
    }

    private static boolean ask(Kernel kernel) {
        byte[] query = query();
        NativeBuffer message = NativeBuffer.allocate(Dns.SMALLEST_LIMIT);
        // on this socket a read waits, as in a client
        try (Fd socket = new SocketCalls(kernel).socket(SocketCalls.AF_INET, SocketCalls.SOCK_DGRAM, 0)) {
            new InetSockets(kernel).connect(socket, NamespaceSockets.RESOLVER.bytes(), Dns.PORT);
            for (int i = 0; i < LOOKUPS; i++) {
                message.bytes().put(0, query);
                kernel.call(SystemCall.WRITE, socket, message, of(query.length));
                kernel.retry(SystemCall.READ, socket, message, of(message.size()));
            }
        }
        return true;
    }

    /** For the address of the name, with a recursion desired. */
    private static byte[] query() {
        byte[] label = NAME.getBytes(StandardCharsets.US_ASCII);
        byte[] query = new byte[Dns.HEADER + 1 + label.length + 5];
        Dns.put16(query, Dns.FLAGS_AT, Dns.RECURSION_DESIRED);
        Dns.put16(query, Dns.QUESTIONS_AT, 1);
        query[Dns.HEADER] = (byte) label.length;
        System.arraycopy(label, 0, query, Dns.HEADER + 1, label.length);
        Dns.put16(query, query.length - 4, Dns.A);
        Dns.put16(query, query.length - 2, Dns.IN);
        return query;
    }
}
