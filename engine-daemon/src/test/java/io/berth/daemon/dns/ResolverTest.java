package io.berth.daemon.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.daemon.network.address.IpAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What becomes of a query, with the names of real networks and no sockets. */
class ResolverTest {

    private static final int A = 1;
    private static final int MX = 15;
    private static final int AAAA = 28;
    private static final int PTR = 12;
    private static final int ANY = 255;
    private static final Upstream HOST = new Upstream(IpAddress.parse("192.0.2.53"), true);

    private final NamesOfNetworks names = new NamesOfNetworks(() -> List.of(HOST));
    private final Resolver resolver = new Resolver(names, new Random(1));

    private static Membership member(String network, String address, String... allNames) {
        return member(network, List.of(address), allNames);
    }

    private static Membership member(String network, List<String> addresses, String... allNames) {
        return new Membership("id of " + network, network, List.of(allNames), Map.of(), addresses.stream().map(IpAddress::parse).toList());
    }

    private static Membership linked(Membership member, Map<String, String> links) {
        return new Membership(member.network(), member.networkName(), member.names(), links, member.addresses());
    }

    private void connect(String container, Membership... memberships) {
        names.put(container, new NamesOfNetworks.Member(List.of(memberships), List.of(), true, true));
    }

    private static Query query(String name, int type) {
        return assertInstanceOf(Arrival.Asked.class, QueryReader.read(Messages.query(1, name, type))).query();
    }

    private Messages.Seen answer(String container, String name, int type) {
        return Messages.see(assertInstanceOf(Resolver.Decision.Answer.class, resolver.decide(container, query(name, type), 512)).reply());
    }

    private Set<String> addresses(String container, String name, int type) {
        Messages.Seen seen = answer(container, name, type);
        assertEquals(0, seen.code());
        return new TreeSet<>(seen.answers());
    }

    private List<Upstream> servers(String container, String name, int type) {
        return assertInstanceOf(Resolver.Decision.Ask.class, resolver.decide(container, query(name, type), 512)).servers();
    }

    @Test
    void containersFindEachOtherByEveryNameInAnyCase() {
        connect("1", member("blue", "10.0.0.2", "db", "Database", "aa11bb22cc33"));
        connect("2", member("blue", "10.0.0.3", "web"));
        for (String name : List.of("db", "DB", "database", "aa11bb22cc33", "db.blue", "DataBase.Blue")) {
            assertEquals(Set.of("10.0.0.2"), addresses("2", name, A), name);
        }
        assertEquals(Set.of("10.0.0.3"), addresses("2", "web", A), "itself too");
    }

    @Test
    void aNameMayContainDotsAndSoMayANetwork() {
        connect("1", member("blue.net", "10.0.0.2", "db.internal"));
        assertEquals(Set.of("10.0.0.2"), addresses("1", "db.internal", A));
        assertEquals(Set.of("10.0.0.2"), addresses("1", "db.internal.blue.net", A));
        assertEquals(List.of(HOST), servers("1", "db.internal.net", A));
    }

    @Test
    void noNameLeaksFromANetworkThatTheContainerIsNotIn() {
        connect("1", member("blue", "10.0.0.2", "db"));
        connect("2", member("red", "10.1.0.2", "web"));
        assertEquals(List.of(HOST), servers("2", "db", A));
        assertEquals(List.of(HOST), servers("2", "db.blue", A));
        assertEquals(List.of(HOST), servers("2", "2.0.0.10.in-addr.arpa", PTR));
        assertEquals(Dns.SERVER_FAILURE, answer("somebody who is gone", "db", A).code());
    }

    @Test
    void theFirstNetworkThatKnowsTheNameAnswersUnlessAnotherIsNamed() {
        connect("1", member("blue", "10.0.0.2", "db"));
        connect("2", member("red", "10.1.0.2", "db"));
        connect("3", member("red", "10.1.0.3", "web"), member("blue", "10.0.0.3", "web"));
        assertEquals(Set.of("10.1.0.2"), addresses("3", "db", A));
        assertEquals(Set.of("10.0.0.2"), addresses("3", "db.blue", A));
    }

    @Test
    void allOfOneNameAreAnsweredAndEachComesFirstNowAndThen() {
        for (int i = 2; i < 6; i++) {
            connect("c" + i, member("blue", "10.0.0." + i, "c" + i, "web"));
        }
        Set<String> first = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            List<String> all = answer("c2", "web", A).answers();
            assertEquals(4, all.size());
            first.add(all.getFirst());
        }
        assertEquals(4, first.size(), "first were only " + first);
    }

    @Test
    void ofAFamilyThatANameDoesNotHaveThereIsNothingAndNobodyElseIsAsked() {
        connect("1", member("blue", "10.0.0.2", "four"));
        connect("2", member("blue", List.of("fd00::2"), "six"));
        connect("3", member("blue", List.of("10.0.0.4", "fd00::4"), "both"));
        assertEquals(Set.of(), addresses("1", "four", AAAA));
        assertEquals(Set.of(), addresses("1", "six", A));
        assertEquals(Set.of("fd00::2"), addresses("1", "six", AAAA));
        assertEquals(Set.of("10.0.0.4"), addresses("1", "both", A));
        assertEquals(Set.of("10.0.0.4", "fd00::4"), addresses("1", "both", ANY));
        assertEquals(Set.of(), addresses("1", "both", MX));
    }

    @Test
    void anAddressOfAnOwnNetworkHasTheFirstNameWithThatOfTheNetwork() {
        connect("1", member("blue", List.of("10.0.0.2", "fd00::2"), "db", "database"));
        assertEquals(List.of("db.blue."), answer("1", "2.0.0.10.in-addr.arpa", PTR).answers());
        assertEquals(List.of("db.blue."), answer("1",
                "2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa", PTR).answers());
        for (String other : List.of("3.0.0.10.in-addr.arpa", "0.10.in-addr.arpa", "256.0.0.10.in-addr.arpa", "x.0.0.10.in-addr.arpa", "+a.ip6.arpa")) {
            assertEquals(List.of(HOST), servers("1", other, PTR), other);
        }
    }

    @Test
    void aContainerIsAskedForUnderItsOwnServersIfItHasSome() {
        names.put("1", new NamesOfNetworks.Member(List.of(member("blue", "10.0.0.2", "db")), List.of(IpAddress.parse("9.9.9.9"),
                IpAddress.parse("127.0.0.11")), true, true));
        assertEquals(List.of(new Upstream(IpAddress.parse("9.9.9.9"), false)), servers("1", "example.org", A), "and never itself");
    }

    @Test
    void aContainerWithoutAWayOutHasOnlyTheNamesOfItsNetworks() {
        names.put("1", new NamesOfNetworks.Member(List.of(member("blue", "10.0.0.2", "db")), List.of(IpAddress.parse("9.9.9.9")), false, true));
        assertEquals(Set.of("10.0.0.2"), addresses("1", "db", A));
        assertEquals(Dns.SERVER_FAILURE, answer("1", "example.org", A).code());
    }

    @Test
    void aNameThatIsToBeCompletedIsNothingByItself() {
        names.put("1", new NamesOfNetworks.Member(List.of(member("blue", "10.0.0.2", "db")), List.of(), true, false));
        assertEquals(Set.of(), addresses("1", "printer", A));
        assertEquals(Set.of(), addresses("1", "printer", AAAA));
        assertEquals(Set.of("10.0.0.2"), addresses("1", "db", A));
        assertEquals(List.of(HOST), servers("1", "printer", MX));
        assertEquals(List.of(HOST), servers("1", "printer.example", A));
    }

    @Test
    void whatIsDisconnectedIsNotFoundAnyMoreAndWhatStaysIsFoundAllTheWhile() {
        Membership blue = member("blue", "10.0.0.2", "db");
        connect("1", blue, member("red", "10.1.0.2", "db"));
        connect("2", member("blue", "10.0.0.3", "web"), member("red", "10.1.0.3", "web"));
        connect("1", blue);
        assertEquals(Set.of("10.0.0.2"), addresses("2", "db", A));
        assertEquals(List.of(HOST), servers("2", "db.red", A));
        names.remove("1");
        assertEquals(List.of(HOST), servers("2", "db", A));
        assertEquals(List.of(HOST), servers("2", "2.0.0.10.in-addr.arpa", PTR));
    }

    @Test
    void whatDoesNotFitIsCutAndSaysSo() {
        IntStream.range(0, 200).forEach(i -> connect("c" + i, member("blue", "10.0.1." + i, "web")));
        Messages.Seen cut = answer("c1", "web", A);
        assertTrue(cut.truncated());
        assertTrue(cut.answers().size() > 20, cut.answers().size() + " addresses in 512 bytes");
        Query query = query("web", A);
        byte[] whole = assertInstanceOf(Resolver.Decision.Answer.class, resolver.decide("c1", query, 0xffff)).reply();
        assertFalse(Messages.see(whole).truncated());
        assertEquals(200, Messages.see(whole).answers().size());
    }

    @Test
    void aQueryOfAnotherClassIsNoneForAName() {
        connect("1", member("blue", "10.0.0.2", "db"));
        byte[] chaos = Messages.query(1, "db", A);
        chaos[chaos.length - 1] = 3;
        Query query = assertInstanceOf(Arrival.Asked.class, QueryReader.read(chaos)).query();
        assertInstanceOf(Resolver.Decision.Ask.class, resolver.decide("1", query, 512));
    }

    @Test
    void aLongReplyFromOutsideIsCutForAClientThatTakesLess() {
        Query query = query("many.example", A);
        String[] addresses = IntStream.range(0, 60).mapToObj(i -> "192.0.2." + i).toArray(String[]::new);
        byte[] reply = Messages.reply(query.withId(5), 0, addresses);
        Messages.Seen cut = Messages.see(Reply.passedOn(query, reply, 512));
        assertTrue(cut.truncated());
        assertEquals(List.of(), cut.answers());
        assertEquals(1, cut.id());
        assertEquals(60, Messages.see(Reply.passedOn(query, reply, 4096)).answers().size());
    }

    @Test
    void whoAnnouncesWhatItTakesIsToldTheSame() {
        connect("1", member("blue", "10.0.0.2", "db"));
        Query query = assertInstanceOf(Arrival.Asked.class, QueryReader.read(Messages.query(1, "db", A, 1232))).query();
        byte[] reply = assertInstanceOf(Resolver.Decision.Answer.class, resolver.decide("1", query, 1232)).reply();
        assertTrue(Messages.see(reply).payload() >= 512);
        assertEquals(0, answer("1", "db", A).payload());
    }

    @Test
    void aLinkIsANameForWhoHasItAlone() {
        connect("1", member("blue", "10.0.0.2", "db"));
        connect("2", linked(member("blue", "10.0.0.3", "web"), Map.of("Store", "DB")));
        connect("3", member("blue", "10.0.0.4", "other"));
        assertEquals(Set.of("10.0.0.2"), addresses("2", "store", A));
        assertEquals(Set.of("10.0.0.2"), addresses("2", "store.blue", A));
        assertEquals(Set.of("10.0.0.2"), addresses("2", "db", A));
        assertEquals(List.of(HOST), servers("3", "store", A));
        assertEquals(Set.of("db.blue."), new TreeSet<>(answer("2", "2.0.0.10.in-addr.arpa", PTR).answers()), "others are known by their own names");
    }

    @Test
    void aLinkHidesWhoHasThatNameAlsoWhenItLeadsNowhere() {
        connect("1", member("blue", "10.0.0.2", "db"), member("azure", "10.1.0.2", "db"));
        connect("2", member("blue", "10.0.0.3", "other"));
        connect("3", member("azure", "10.1.0.4", "web"), linked(member("blue", "10.0.0.4", "web"), Map.of("db", "other", "other", "nobody")));
        assertEquals(Set.of("10.0.0.3"), addresses("3", "db", A), "before the names of every network");
        assertEquals(List.of(HOST), servers("3", "other", A));
        names.remove("2");
        assertEquals(Set.of("10.1.0.2"), addresses("3", "db", A));
    }
}
