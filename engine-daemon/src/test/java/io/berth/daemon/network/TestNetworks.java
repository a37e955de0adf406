package io.berth.daemon.network;

import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.address.IpFamily;
import io.berth.daemon.network.address.Subnet;
import io.berth.daemon.network.firewall.BridgeRules;
import io.berth.daemon.network.firewall.GatewayMode;
import io.berth.daemon.network.firewall.RuleTable;
import io.berth.daemon.network.firewall.RuleWatch;
import io.berth.daemon.network.port.PortBinding;
import io.berth.daemon.network.port.PortTarget;
import io.berth.daemon.network.port.PublishedPort;
import io.berth.daemon.network.port.PublishedPorts;
import io.berth.linux.keeper.loop.EventLoop;
import io.berth.linux.kernel.Fd;
import io.berth.linux.namespace.NetworkNamespace;
import io.berth.linux.netlink.NetlinkSocket;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Networks as the firewall sees them: bridges and containers that a test makes on a {@link TestHost} by hand, and the daemon's
 * table and ports on top. Everybody has a name, and an address of each family: {@code a1} and {@code a2} are containers of the network
 * {@code a}, {@code gateway-a} is its bridge, {@code host} and {@code other} are the two machines.
 */
final class TestNetworks implements AutoCloseable {

    private static final int ANSWER_MILLIS = 5000;
    /** For what must not be reached: nothing answers at all. */
    private static final int SILENCE_MILLIS = 250;

    /** The machine that runs the test may have it switched off; and nobody waits for addresses to be found free. */
    private static final String IPV6 = "for conf in all default; do echo 0 > /proc/sys/net/ipv6/conf/$conf/disable_ipv6;"
            + " echo 0 > /proc/sys/net/ipv6/conf/$conf/accept_dad; done";

    final TestHost machine = new TestHost();
    final RuleTable table;
    final PublishedPorts ports;
    private final EventLoop loop;
    private final RuleWatch watch;
    private final NetlinkSocket netfilter;
    private final ExecutorService turns = Executors.newSingleThreadExecutor();
    private final Map<String, Fd> machines = new LinkedHashMap<>();
    private final Map<String, String> ipv4 = new HashMap<>();
    private final Map<String, String> ipv6 = new HashMap<>();
    private final Map<String, Shape> shapes = new HashMap<>();
    private final Map<String, BridgeRules> rules = new HashMap<>();
    private final Deque<Closeable> open = new ArrayDeque<>();
    private int networks;

    TestNetworks() {
        Fd host = machine.host.handle();
        netfilter = machine.in(host, () -> NetlinkSocket.netfilter(machine.kernel));
        table = new RuleTable(netfilter, "berth");
        loop = new EventLoop(machine.kernel, (thread, failure) -> failure.printStackTrace());
        machine.in(host, () -> Thread.ofPlatform().name("test-network-events").daemon().start(loop));
        watch = machine.in(host, () -> new RuleWatch(machine.kernel, table, loop, () -> turns.execute(table::restore)));
        // a thread is in the namespace of the one that starts it
        machine.in(host, () -> turns.submit(() -> true).get());
        ports = new PublishedPorts(machine.kernel, table, netfilter, loop, (purpose, work) -> work.run(), true);
        name("host", host, TestHost.ADDRESS, "fd99::1");
        name("other", machine.otherMachine.handle(), TestHost.OTHER_MACHINE, "fd99::2");
        ipv4.put("loopback", "127.0.0.1");
        ipv6.put("loopback", "::1");
        machine.shell(host, IPV6 + " && echo 1 > /proc/sys/net/ipv4/ip_forward && echo 1 > /proc/sys/net/ipv6/conf/all/forwarding && ip addr add fd99::1/64 dev uplink nodad");
        machine.shell(machine.otherMachine.handle(), IPV6 + " && ip addr add fd99::2/64 dev uplink nodad && ip route add default via fd99::1");
    }

    /** What the daemon does in turn, on one thread in the host's namespace. */
    <T> T turn(Callable<T> work) {
        try {
            return turns.submit(work).get();
        } catch (ExecutionException failure) {
            throw failure.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(failure.getCause());
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    void turn(Runnable work) {
        turn(Executors.callable(work));
    }

    private void name(String name, Fd namespace, String v4, String v6) {
        machines.put(name, namespace);
        ipv4.put(name, v4);
        ipv6.put(name, v6);
    }

    /**
     * What a network is like: of both families and masqueraded, unless it says otherwise.
     *
     * @param source as which address of the host its containers are seen elsewhere
     */
    record Shape(String name, GatewayMode mode, boolean sealed, boolean icc, boolean v6, boolean masquerade, Optional<IpAddress> source,
            List<String> trusted) {

        Shape(String name) {
            this(name, GatewayMode.NAT, false, true, true, true, Optional.empty(), List.of());
        }

        Shape with(GatewayMode other) {
            return new Shape(name, other, sealed, icc, v6, masquerade, source, trusted);
        }

        Shape internal() {
            return new Shape(name, mode, true, icc, v6, masquerade, source, trusted);
        }

        Shape withoutIcc() {
            return new Shape(name, mode, sealed, false, v6, masquerade, source, trusted);
        }

        Shape ipv4Only() {
            return new Shape(name, mode, sealed, icc, false, masquerade, source, trusted);
        }

        Shape as(String address) {
            return new Shape(name, mode, sealed, icc, v6, masquerade, Optional.of(IpAddress.parse(address)), trusted);
        }

        Shape withoutMasquerade() {
            return new Shape(name, mode, sealed, icc, v6, false, source, trusted);
        }

        Shape trusting(String link) {
            return new Shape(name, mode, sealed, icc, v6, masquerade, source, List.of(link));
        }
    }

    /** What the module br_netfilter does where it is there, and nothing needs. */
    void passBridgedPacketsToTheRules(boolean pass) {
        for (String setting : List.of("bridge-nf-call-iptables", "bridge-nf-call-ip6tables")) {
            machine.shell(machine.host.handle(), "f=/proc/sys/net/bridge/" + setting + "; [ ! -e $f ] || echo " + (pass ? 1 : 0) + " > $f");
        }
    }

    /** Makes a network, known to the table before its bridge is up. */
    void network(Shape shape) {
        String name = shape.name();
        String prefix = "172." + (18 + networks) + ".0.";
        String prefix6 = "fd00:" + ++networks + "::";
        BridgeRules.Family four = new BridgeRules.Family(Subnet.parse(prefix + "0/16"), shape.mode(), shape.masquerade(), shape.source());
        BridgeRules.Family six = new BridgeRules.Family(Subnet.parse(prefix6 + "/64"), shape.mode(), shape.masquerade(), Optional.empty());
        shapes.put(name, shape);
        rules.put(name, new BridgeRules("br-" + name, Optional.of(four), Optional.of(six).filter(family -> shape.v6()), shape.sealed(),
                shape.icc(), shape.trusted()));
        turn(() -> table.open(rules.get(name)));
        machine.shell(machine.host.handle(), "ip link add br-" + name + " type bridge && ip addr add " + prefix + "1/16 dev br-" + name
                + (shape.v6() ? " && ip addr add " + prefix6 + "1/64 dev br-" + name + " nodad" : "")
                + " && echo 1 > /proc/sys/net/ipv4/conf/br-" + name + "/route_localnet && ip link set br-" + name + " up");
        ipv4.put("gateway-" + name, prefix + "1");
        if (shape.v6()) {
            ipv6.put("gateway-" + name, prefix6 + "1");
        }
    }

    /** A container that answers at ports 80 and 81, by tcp and udp, with its name and who asks. */
    void container(String network, String name) {
        NetworkNamespace namespace = NetworkNamespace.create(machine.kernel);
        open.push(namespace::close);
        Fd host = machine.host.handle();
        String number = Integer.toString(machines.size());
        String gateway4 = ipv4.get("gateway-" + network);
        String gateway6 = ipv6.get("gateway-" + network);
        String v4 = gateway4.substring(0, gateway4.length() - 1) + number;
        String v6 = gateway6 == null ? null : gateway6.substring(0, gateway6.length() - 1) + number;
        machine.shell(host, "ip link add v" + name + " type veth peer name eth0 netns /proc/" + ProcessHandle.current().pid() + "/fd/"
                + namespace.handle().number() + " && ip link set v" + name + " master br-" + network
                + " up && ip link set v" + name + " type bridge_slave hairpin on" + (shapes.get(network).icc() ? "" : " isolated on"));
        machine.shell(namespace.handle(), IPV6 + " && ip link set lo up && ip addr add " + v4 + "/16 dev eth0 && ip link set eth0 up && ip route add default via " + gateway4
                + (v6 == null ? "" : " && ip addr add " + v6 + "/64 dev eth0 nodad && ip route add default via " + gateway6));
        name(name, namespace.handle(), v4, v6);
        serve(name, "::", 80, 81);
    }

    PortTarget target(String container) {
        GatewayMode mode = shapes.get(container.replaceAll("[0-9]", "")).mode();
        return new PortTarget(Optional.of(new PortTarget.Destination(IpAddress.parse(ipv4.get(container)), mode)),
                Optional.ofNullable(ipv6.get(container)).map(address -> new PortTarget.Destination(IpAddress.parse(address), mode)));
    }

    BridgeRules rules(String network) {
        return rules.get(network);
    }

    List<PublishedPort> publish(String container, PortBinding... bindings) {
        return turn(() -> ports.publish(List.of(bindings), target(container)));
    }

    String address(IpFamily family, String name) {
        String address = (family == IpFamily.V4 ? ipv4 : ipv6).get(name);
        return address == null ? name : address;
    }

    Fd namespace(String name) {
        return machines.get(name);
    }

    /** Servers on an address of a machine. */
    void serve(String name, String address, int... numbers) {
        for (int port : numbers) {
            ServerSocket tcp = machine.in(machines.get(name), () -> new ServerSocket(port, 50, InetAddress.getByName(address)));
            DatagramSocket udp = machine.in(machines.get(name), () -> new DatagramSocket(new InetSocketAddress(address, port)));
            open.push(tcp);
            open.push(udp);
            Thread.ofPlatform().daemon().start(() -> answerAll(tcp, name));
            Thread.ofPlatform().daemon().start(() -> answerAll(udp, name));
        }
    }

    private static void answerAll(ServerSocket server, String name) {
        while (!server.isClosed()) {
            try (Socket client = server.accept()) {
                client.getOutputStream().write(line(name, client.getInetAddress()));
            } catch (IOException closed) {
                // by the client, or the test is over
            }
        }
    }

    private static void answerAll(DatagramSocket server, String name) {
        DatagramPacket packet = new DatagramPacket(new byte[100], 100);
        while (!server.isClosed()) {
            try {
                server.receive(packet);
                byte[] line = line(name, packet.getAddress());
                server.send(new DatagramPacket(line, line.length, packet.getSocketAddress()));
            } catch (IOException closed) {
                // the test is over
            }
        }
    }

    private static byte[] line(String name, InetAddress client) {
        return (name + " " + IpAddress.of(client.getAddress())).getBytes(StandardCharsets.UTF_8);
    }

    /** What answers a client at an address; empty when nothing does within the time given. */
    Optional<String> ask(String client, String protocol, String address, int port, boolean expected) {
        int millis = expected ? ANSWER_MILLIS : SILENCE_MILLIS;
        return machine.in(machines.get(client), () -> protocol.equals("tcp") ? tcp(address, port, millis) : udp(address, port, millis));
    }

    private static Optional<String> tcp(String address, int port, int millis) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(address, port), millis);
            socket.setSoTimeout(millis);
            String line = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return Optional.of(line).filter(text -> !text.isEmpty());
        } catch (IOException nothing) {
            return Optional.empty();
        }
    }

    private static Optional<String> udp(String address, int port, int millis) {
        try (DatagramSocket socket = new DatagramSocket()) {
            // only what comes from where it was sent counts
            socket.connect(new InetSocketAddress(address, port));
            socket.setSoTimeout(millis);
            socket.send(new DatagramPacket(new byte[1], 1));
            DatagramPacket packet = new DatagramPacket(new byte[100], 100);
            socket.receive(packet);
            return Optional.of(new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8));
        } catch (SocketTimeoutException nothing) {
            return Optional.empty();
        } catch (IOException refused) {
            return Optional.empty();
        }
    }

    /** The daemon is gone; what it made on the host stays. */
    void endDaemon() {
        watch.close();
        turn(ports::close);
    }

    @Override
    public void close() {
        endDaemon();
        turns.shutdown();
        loop.stop();
        netfilter.close();
        try {
            while (!open.isEmpty()) {
                open.pop().close();
            }
            machine.close();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
