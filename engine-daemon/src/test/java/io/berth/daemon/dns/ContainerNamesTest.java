package io.berth.daemon.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.daemon.Await;
import io.berth.daemon.network.sandbox.Sandbox;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The resolver at its sockets in real namespaces. */
class ContainerNamesTest {

    private static final byte[] NOTHING = {};

    private TestContainers machine;

    @BeforeEach
    void makeMachine() throws IOException {
        TestContainers.needsRoot();
        machine = new TestContainers();
    }

    @AfterEach
    void dropMachine() throws IOException {
        if (machine != null) {
            machine.close();
        }
    }

    @Test
    void aContainerFindsAnotherByUdpAndByTcp() {
        machine.start("1", "10.0.0.2", "db");
        machine.start("2", "10.0.0.3", "web");
        assertEquals(List.of("10.0.0.2"), machine.ask("2", "db").answers());
        assertEquals(List.of("10.0.0.2"), machine.askByTcp("2", "DB").answers());
        assertEquals("DB.", machine.askByTcp("2", "DB").name());
    }

    @Test
    void port53StaysTheContainersOwn() throws IOException {
        machine.start("1", "10.0.0.2", "db");
        DatagramSocket udp = machine.in("1", () -> new DatagramSocket(new InetSocketAddress("0.0.0.0", 53)));
        ServerSocket tcp = machine.in("1", () -> new ServerSocket(53, 5, InetAddress.getByName("0.0.0.0")));
        try (udp; tcp; DatagramSocket client = machine.in("1", () -> new DatagramSocket())) {
            byte[] question = Messages.query(1, "db", 1);
            client.send(new DatagramPacket(question, question.length, InetAddress.getByName("127.0.0.1"), 53));
            assertEquals(question.length, TestContainers.receive(udp).length, "a server of the container's own is asked");
            machine.in("1", () -> new Socket("127.0.0.1", 53)).close();
            tcp.accept().close();
            assertEquals(List.of("10.0.0.2"), machine.ask("1", "db").answers());
            assertEquals(List.of("10.0.0.2"), machine.askByTcp("1", "db").answers());
        }
    }

    @Test
    void severalQueriesGoOverOneConnection() throws IOException {
        machine.start("1", "10.0.0.2", "db");
        try (Socket socket = machine.tcpClient("1")) {
            TestContainers.send(socket, Messages.query(1, "db", 1));
            TestContainers.send(socket, Messages.query(2, "db", 28));
            assertEquals(1, Messages.see(TestContainers.receive(socket)).id());
            assertEquals(2, Messages.see(TestContainers.receive(socket)).id());
        }
    }

    @Test
    void namesFollowWhatIsConnectedAndDisconnected() {
        Sandbox db = machine.start("1", "10.0.0.2", "db");
        machine.start("2", "10.0.0.3", "web");
        machine.names.changed(machine.sandbox("1", List.of(), db.endpoints().getFirst(), machine.endpoint("red", "10.1.0.2", "db")));
        assertEquals(List.of("10.1.0.2"), machine.ask("1", "db.red").answers());
        machine.names.changed(machine.sandbox("1", List.of(), machine.endpoint("red", "10.1.0.2", "db")));
        assertEquals(List.of(), machine.ask("2", "db").answers());
    }

    @Test
    void aServerOnTheHostsLoopbackIsAskedFromTheHost() {
        machine.hostServers = List.of(machine.hostServer("127.0.0.1", query -> Messages.reply(query, 0, "192.0.2.1")));
        machine.start("1", "10.0.0.2", "db");
        Messages.Seen seen = machine.ask("1", Messages.query(4711, "Example.org", 1));
        assertEquals(List.of("192.0.2.1"), seen.answers());
        assertEquals(4711, seen.id());
        assertEquals("Example.org.", seen.name());
        assertEquals(List.of("192.0.2.1"), machine.askByTcp("1", "example.org").answers());
    }

    @Test
    void aServerOfTheContainersOwnIsAskedFromTheContainer() {
        machine.hostServers = List.of(machine.hostServer("127.0.0.9", query -> Messages.reply(query, 0, "192.0.2.1")));
        machine.start(machine.sandbox("1", List.of("127.0.0.9"), machine.endpoint("blue", "10.0.0.2", "db")));
        machine.containerServer("1", "127.0.0.9", query -> Messages.reply(query, 0, "192.0.2.9"));
        assertEquals(List.of("192.0.2.9"), machine.ask("1", "example.org").answers());
        assertEquals(List.of("192.0.2.9"), machine.askByTcp("1", "example.org").answers());
    }

    @Test
    void aContainerOfInternalNetworksAsksNobody() {
        machine.hostServers = List.of(machine.hostServer("127.0.0.1", query -> Messages.reply(query, 0, "192.0.2.1")));
        machine.start(machine.sandbox("1", List.of(), machine.endpoint("inner", true, "10.0.0.2", "db")));
        assertEquals(Dns.SERVER_FAILURE, machine.ask("1", "example.org").code());
        assertEquals(List.of("10.0.0.2"), machine.ask("1", "db").answers());
    }

    @Test
    void theNextServerIsAskedWhenOneFailsRefusesOrIsNotThere() {
        machine.hostServers = List.of(new Upstream(io.berth.daemon.network.address.IpAddress.parse("127.0.0.7"), true),
                machine.hostServer("127.0.0.1", query -> Messages.reply(query, Dns.SERVER_FAILURE)),
                machine.hostServer("127.0.0.2", query -> Messages.reply(query, 0, "192.0.2.2")));
        machine.start("1", "10.0.0.2", "db");
        assertEquals(List.of("192.0.2.2"), machine.ask("1", "example.org").answers());
        assertEquals(List.of("192.0.2.2"), machine.askByTcp("1", "example.org").answers());
        machine.hostServers = machine.hostServers.subList(0, 2);
        assertEquals(Dns.SERVER_FAILURE, machine.ask("1", "example.org").code());
    }

    @Test
    void theNextServerIsAskedWhenOneSaysNothing() {
        machine.hostServers = List.of(machine.hostServer("127.0.0.1", query -> NOTHING),
                machine.hostServer("127.0.0.2", query -> Messages.reply(query, 3)));
        machine.start("1", "10.0.0.2", "db");
        assertEquals(3, machine.ask("1", "example.org").code());
    }

    @Test
    void aReplyWithAnotherIdOrToAnotherQuestionIsNotBelieved() {
        machine.hostServers = List.of(
                machine.hostServer("127.0.0.1", query -> {
                    byte[] forged = Messages.reply(query, 0, "192.0.2.66");
                    forged[1]++;
                    return forged;
                }), machine.hostServer("127.0.0.2", query -> Messages.reply(query, 0, "192.0.2.2")));
        machine.start("1", "10.0.0.2", "db");
        assertEquals(List.of("192.0.2.2"), machine.ask("1", "example.org").answers());
    }

    @Test
    void everyQueryOutsideHasAnIdOfItsOwnChoosing() {
        Set<Integer> ids = ConcurrentHashMap.newKeySet();
        machine.hostServers = List.of(machine.hostServer("127.0.0.1", query -> {
            ids.add(Messages.number(query, 0));
            return Messages.reply(query, 0);
        }));
        machine.start("1", "10.0.0.2", "db");
        for (int i = 0; i < 20; i++) {
            machine.ask("1", "example.org");
        }
        assertTrue(ids.size() > 15, ids + " are not random");
    }

    @Test
    void aReplyTooLongForUdpSaysSoAndIsWholeOverTcp() {
        String[] many = IntStream.range(0, 200).mapToObj(i -> "192.0.2." + i).toArray(String[]::new);
        machine.hostServers = List.of(machine.hostServer("127.0.0.1", query -> Messages.reply(query, 0, many)));
        machine.start("1", "10.0.0.2", "db");
        assertTrue(machine.ask("1", "example.org").truncated());
        assertEquals(200, machine.askByTcp("1", "example.org").answers().size());
        assertEquals(200, machine.ask("1", Messages.query(1, "example.org", 1, 4096)).answers().size());
    }

    @Test
    void whatAContainerAsksWhileNoDaemonRunsIsAnsweredByTheNext() throws IOException {
        Sandbox db = machine.start("1", "10.0.0.2", "db");
        machine.stopResolver();
        try (DatagramSocket udp = machine.client("1"); Socket tcp = machine.tcpClient("1")) {
            byte[] question = Messages.query(5, "db", 1);
            udp.send(new DatagramPacket(question, question.length));
            TestContainers.send(tcp, question);
            machine.startResolver();
            machine.names.takeOver(List.of(db));
            assertEquals(List.of("10.0.0.2"), Messages.see(TestContainers.receive(udp)).answers());
            assertEquals(List.of("10.0.0.2"), Messages.see(TestContainers.receive(tcp)).answers());
        }
    }

    @Test
    void theSocketsOfAContainerThatEndedWhileNoDaemonRanAreLetGo() {
        Sandbox db = machine.start("1", "10.0.0.2", "db");
        machine.start("2", "10.0.0.3", "web");
        machine.stopResolver();
        machine.startResolver();
        machine.names.takeOver(List.of(db));
        Await.until("the sockets of container 2 to go", Duration.ofSeconds(10), () -> machine.keeper.containers().equals(List.of("1")),
                () -> machine.keeper.containers().toString());
    }

    @Test
    void aContainerThatLeavesItsLastNetworkAndJoinsAnotherHasAResolverAgain() {
        machine.start("1", "10.0.0.2", "db");
        machine.names.closed("1");
        machine.names.closed("1");
        machine.start("1", "10.0.0.7", "db");
        assertEquals(List.of("10.0.0.7"), machine.ask("1", "db").answers());
        assertEquals(List.of("1"), machine.keeper.containers());
    }

    @Test
    void aContainerThatHoldsConnectionsLookupsAndSendsGarbageStopsNobodyElseNorItsOwnNames() throws IOException {
        machine.hostServers = List.of(machine.hostServer("127.0.0.1", query -> NOTHING));
        machine.start("hostile", "10.0.0.2", "db");
        machine.start("2", "10.0.0.3", "web");
        List<Socket> idle = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            idle.add(machine.tcpClient("hostile"));
        }
        long seed = System.nanoTime();
        Random random = new Random(seed);
        try (DatagramSocket flood = machine.client("hostile")) {
            for (int i = 0; i < 2000; i++) {
                byte[] message = i % 2 == 0 ? Messages.query(i, "n" + i + ".example", 1) : new byte[random.nextInt(300)];
                flood.send(new DatagramPacket(message, message.length));
            }
            assertEquals(List.of("10.0.0.2"), machine.ask("2", "db").answers(), "seed " + seed);
            assertEquals(List.of("10.0.0.2"), machine.askByTcp("2", "db").answers());
            Await.until("the container's own names", Duration.ofSeconds(20), () -> answers("hostile"), () -> "no answer, seed " + seed);
            Set<Integer> codes = new HashSet<>();
            Await.until("a refusal of one lookup too many", Duration.ofSeconds(20), () -> {
                codes.addAll(codesOfAnotherTwenty(flood));
                return codes.contains(Dns.REFUSED);
            }, codes::toString);
        }
        for (Socket socket : idle) {
            socket.close();
        }
        assertEquals(List.of("10.0.0.2"), machine.askByTcp("hostile", "db").answers());
    }

    /** Whether the name db is answered at once. A flooded socket drops datagrams; who asks asks again. */
    private boolean answers(String container) {
        try (DatagramSocket socket = machine.client(container)) {
            socket.setSoTimeout(500);
            byte[] question = Messages.query(1, "db", 1);
            socket.send(new DatagramPacket(question, question.length));
            return Messages.see(TestContainers.receive(socket)).answers().equals(List.of("10.0.0.2"));
        } catch (IOException none) {
            return false;
        }
    }

    /** What is said of twenty lookups more, and of those before, until nothing comes for a moment. */
    private static Set<Integer> codesOfAnotherTwenty(DatagramSocket socket) {
        Set<Integer> codes = new HashSet<>();
        try {
            for (int i = 0; i < 20; i++) {
                byte[] message = Messages.query(i, "another" + i + ".example", 1);
                socket.send(new DatagramPacket(message, message.length));
            }
            socket.setSoTimeout(50);
            while (true) {
                codes.add(Messages.see(TestContainers.receive(socket)).code());
            }
        } catch (IOException nothingMore) {
            return codes;
        }
    }

    @Test
    void aConnectionThatClaimsALongQueryIsClosed() throws IOException {
        machine.start("1", "10.0.0.2", "db");
        try (Socket socket = machine.tcpClient("1")) {
            socket.getOutputStream().write(new byte[] {(byte) 0xff, (byte) 0xff});
            assertEquals(-1, socket.getInputStream().read());
        }
    }

    @Test
    void aContainerThatIsClosedHasNoResolverAnyMore() {
        machine.start("1", "10.0.0.2", "db");
        assertTrue(answers("1"));
        machine.names.closed("1");
        Await.until("the sockets to go", Duration.ofSeconds(10), () -> machine.keeper.containers().isEmpty() && !answers("1"),
                () -> machine.keeper.containers() + " are kept still");
        assertThrows(UncheckedIOException.class, () -> machine.tcpClient("1"));
    }
}
