package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Links on the default bridge ({@code --link}): names, variables, what becomes of them when either side changes. */
class LinksTest extends ContainerTest {

    private static final String TARGET = "berth-test-target";
    private static final String CHILD = "berth-test-child";

    private static String target(String... options) {
        return named(TARGET, options);
    }

    private static String child(String... options) {
        return named(CHILD, options);
    }

    private static String named(String name, String... options) {
        List<String> words = new ArrayList<>(List.of("--name", name));
        words.addAll(List.of(options));
        words.addAll(List.of(IMAGE, "sleep", "1000"));
        return runDetached(words.toArray(String[]::new));
    }

    private static String address(String container) {
        return inspect(container, ".NetworkSettings.IPAddress");
    }

    /** Neither engine promises an order among links. */
    private static List<String> sorted(String... texts) {
        return Stream.of(texts).sorted().toList();
    }

    /** The lines that are not those of every container. */
    private static List<String> hosts(String container) {
        return docker("exec", container, "cat", "/etc/hosts").succeeded().lines()
                .filter(line -> !line.matches("(127\\.|.*:).*") && !line.startsWith(address(container) + "\t")).toList();
    }

    private static List<String> variables(String container, String prefix) {
        return docker("exec", container, "env").succeeded().lines().filter(line -> line.startsWith(prefix)).toList();
    }

    private static String links(String container) {
        return inspect(container, "json .HostConfig.Links");
    }

    private static List<String> names(String id) {
        for (JsonNode listed : json(engine.get("/containers/json?all=1"))) {
            if (listed.path("Id").asText().equals(id)) {
                List<String> names = new ArrayList<>();
                listed.path("Names").forEach(name -> names.add(name.asText()));
                return names;
            }
        }
        throw new AssertionError(id + " is not listed");
    }

    private static RawHttp.Answer create(String hostConfig) {
        return engine.request("POST", "/containers/create?name=" + CHILD, "{\"Image\":\"" + IMAGE + "\",\"Labels\":{\"" + MARK + "\":\"\"},"
                + "\"Cmd\":[\"sleep\",\"1000\"],\"HostConfig\":{" + hostConfig + "}}");
    }

    private static String answer(RawHttp.Answer answer) {
        return answer.status() + " " + message(answer);
    }

    @Test
    void aContainerFindsItsTargetByAliasHostNameAndName() {
        String target = target("--hostname", "thost");
        String child = child("--add-host", "other:9.9.9.9", "--link", TARGET + ":alias", "--link", TARGET, "--link", TARGET, "--link",
                target.substring(0, 12) + ":by-id");
        assertEquals(sorted("9.9.9.9\tother", address(target) + "\talias thost " + TARGET, address(target) + "\t" + TARGET + " thost",
                address(target) + "\tby-id thost " + TARGET), hosts(child).stream().sorted().toList());
        docker("exec", child, "ping", "-c", "1", "alias").succeeded();
        List<String> shown = new ArrayList<>();
        json(links(child)).forEach(link -> shown.add(link.asText()));
        assertEquals(sorted("/" + TARGET + ":/" + CHILD + "/alias", "/" + TARGET + ":/" + CHILD + "/" + TARGET, "/" + TARGET + ":/" + CHILD + "/by-id"),
                shown.stream().sorted().toList());
        assertEquals("null", links(target));
    }

    @Test
    void itsVariablesTellOfTheTargetsPortsAndVariables() {
        target("-e", "FOO=bar", "-e", "HOME=/x", "-e", "TWO=a=b", "--expose", "80", "--expose", "53/udp", "--expose", "81");
        child("--link", TARGET + ":my-alias", "-e", "MY_ALIAS_ENV_FOO=mine");
        String address = address(TARGET);
        List<String> expected = new ArrayList<>(List.of("MY_ALIAS_PORT=tcp://" + address + ":80"));
        for (String port : List.of("80_TCP", "81_TCP", "53_UDP")) {
            String number = port.substring(0, 2);
            String protocol = port.substring(3).toLowerCase();
            expected.addAll(List.of("MY_ALIAS_PORT_" + port + "=" + protocol + "://" + address + ":" + number, "MY_ALIAS_PORT_" + port + "_ADDR=" + address,
                    "MY_ALIAS_PORT_" + port + "_PORT=" + number, "MY_ALIAS_PORT_" + port + "_PROTO=" + protocol));
        }
        expected.addAll(List.of("MY_ALIAS_PORT_80_TCP_START=tcp://" + address + ":80", "MY_ALIAS_PORT_80_TCP_PORT_START=80",
                "MY_ALIAS_PORT_80_TCP_END=tcp://" + address + ":81", "MY_ALIAS_PORT_80_TCP_PORT_END=81", "MY_ALIAS_NAME=/" + CHILD + "/my-alias",
                "MY_ALIAS_ENV_FOO=mine", "MY_ALIAS_ENV_TWO=a=b"));
        assertEquals(expected.stream().sorted().toList(), variables(CHILD, "MY_ALIAS").stream().sorted().toList());
        String first = docker("exec", CHILD, "cat", "/proc/1/environ").succeeded();
        assertTrue(first.contains("\0MY_ALIAS_NAME=/" + CHILD + "/my-alias\0"), first);
    }

    @Test
    void theTargetHasANameByTheLinkWhereverAContainerIsNamed() {
        String target = target();
        String child = child("--link", TARGET + ":alias", "--link", TARGET + ":more/parts");
        assertEquals(List.of("/" + CHILD + "/alias", "/" + CHILD + "/more/parts", "/" + TARGET), names(target));
        assertEquals(List.of("/" + CHILD), names(child));
        assertEquals(target, inspect(CHILD + "/alias", ".Id"));
        assertEquals(target, inspect("/" + CHILD + "/more/parts", ".Id"));
        assertEquals("in", docker("exec", CHILD + "/alias", "echo", "in").succeeded().strip());
        assertEquals(404, engine.get("/containers/" + CHILD + "/other/json").status());
        assertEquals("", docker("ps", "-q", "--filter", "name=alias").succeeded());
        assertEquals("409 cannot remove container \"" + CHILD + "/alias\": container is running: stop the container before removing or force remove",
                answer(engine.request("DELETE", "/containers/" + CHILD + "/alias", "")));
        String second = runDetached("--link", CHILD + "/alias:again", IMAGE, "sleep", "1000");
        assertEquals(address(target) + "\tagain " + target.substring(0, 12) + " " + TARGET, hosts(second).getFirst());
    }

    @Test
    void whatIsNoContainerCannotBeLinkedTo() {
        assertEquals("400 could not get container for berth-test-none: No such container: berth-test-none", answer(create("\"Links\":[\"berth-test-none:x\"]")));
        assertEquals("400 could not get container for " + CHILD + ": No such container: " + CHILD, answer(create("\"Links\":[\"" + CHILD + ":x\"]")));
        assertEquals("400 could not get container for : invalid name or ID supplied: \"\"", answer(create("\"Links\":[\":x\"]")));
        assertEquals("500 bad format for links: a:b:c", answer(create("\"Links\":[\"a:b:c\"]")));
        assertEquals("500 empty string specified for links", answer(create("\"Links\":[\"\"]")));
        assertEquals("", docker("ps", "-aq", "--filter", "name=" + CHILD).succeeded());
    }

    @Test
    void ofTwoLinksByOneAliasTheFirstCountsAndWithoutAnAliasThereIsNone() {
        String target = target();
        named("berth-test-second");
        assertEquals(201, create("\"Links\":[\"/" + TARGET + ":/old/x\",\"berth-test-second:x\",\"" + TARGET + ":\"]").status());
        docker("start", CHILD).succeeded();
        assertEquals("[\"/" + TARGET + ":/" + CHILD + "/x\"]", links(CHILD));
        assertEquals(List.of(address(target) + "\tx " + target.substring(0, 12) + " " + TARGET), hosts(CHILD));
    }

    @Test
    void linksAreOfTheBridge() {
        String reason = "400 conflicting options: host type networking can't be used with links. This would result in undefined behavior";
        target("--network", "host");
        assertEquals(reason, answer(create("\"Links\":[\"" + TARGET + ":x\"]")));
        String isolated = named("berth-test-isolated", "--network", "none");
        assertEquals(reason, answer(create("\"NetworkMode\":\"host\",\"Links\":[\"berth-test-isolated:x\"]")));
        assertEquals(201, create("\"Links\":[\"berth-test-isolated:x\"]").status());
        assertEquals("500 container " + isolated + " not attached to default bridge network", answer(engine.request("POST", "/containers/" + CHILD + "/start", "")));
        docker("rm", CHILD).succeeded();
        docker("rm", "-f", TARGET).succeeded();
        target();
        assertEquals(201, create("\"NetworkMode\":\"none\",\"Links\":[\"" + TARGET + ":x\"]").status());
        docker("start", CHILD).succeeded();
        assertEquals("[\"/" + TARGET + ":/" + CHILD + "/x\"]", links(CHILD));
        assertFalse(docker("exec", CHILD, "cat", "/etc/hosts").succeeded().contains(TARGET));
        assertEquals(List.of(), variables(CHILD, "X_"));
    }

    @Test
    void whoseTargetDoesNotRunIsNotStarted() {
        docker(marked("create", "--name", TARGET, IMAGE, "sleep", "1000")).succeeded();
        assertEquals(201, create("\"Links\":[\"" + TARGET + ":x\"]").status());
        String reason = "Cannot link to a non running container: /" + TARGET + " AS /" + CHILD + "/x";
        assertEquals("500 " + reason, answer(engine.request("POST", "/containers/" + CHILD + "/start", "")));
        assertEquals("created 128 " + reason, inspect(CHILD, ".State.Status") + " " + inspect(CHILD, ".State.ExitCode") + " " + inspect(CHILD, ".State.Error"));
        docker("start", TARGET).succeeded();
        docker("start", CHILD).succeeded();
        docker("rm", "-f", TARGET).succeeded();
        assertFails(1, reason, docker("restart", "-t", "0", CHILD));
        assertEquals("[\"/" + TARGET + ":/" + CHILD + "/x\"]", links(CHILD));
        target(); // another one of that name is not the one that was linked to
        assertFails(1, reason, docker("start", CHILD));
    }

    @Test
    void aPausedTargetRuns() {
        target();
        docker("pause", TARGET).succeeded();
        child("--link", TARGET + ":x");
        assertTrue(hosts(CHILD).getFirst().startsWith(address(TARGET) + "\tx "));
        docker("unpause", TARGET).succeeded();
    }

    @Test
    void aTargetThatHasAnotherAddressIsFoundThere() {
        String target = target("--expose", "9");
        child("--link", TARGET + ":x");
        docker("exec", CHILD, "sh", "-c", "echo 5.5.5.5 own >>/etc/hosts").succeeded();
        String before = address(target);
        docker("stop", "-t", "0", TARGET).succeeded();
        String taken = named("berth-test-second");
        docker("start", TARGET).succeeded();
        String after = address(target);
        assertEquals(before, address(taken), "the address has been given away");
        List<String> expected = List.of(after + "\tx " + target.substring(0, 12) + " " + TARGET, "5.5.5.5 own");
        assertEquals(expected, hosts(CHILD));
        assertTrue(variables(CHILD, "X_").contains("X_PORT_9_TCP_ADDR=" + after));
        docker("exec", CHILD, "ping", "-c", "1", "x").succeeded();
    }

    @Test
    void renamesShowInLinks() {
        String target = target();
        String child = child("--link", TARGET + ":x");
        docker("rename", TARGET, "berth-test-renamed").succeeded();
        assertEquals("[\"/berth-test-renamed:/" + CHILD + "/x\"]", links(child));
        assertEquals(List.of("/" + CHILD + "/x", "/berth-test-renamed"), names(target));
        docker("rename", CHILD, "berth-test-kid").succeeded();
        assertEquals("[\"/berth-test-renamed:/berth-test-kid/x\"]", links(child));
        assertEquals(target, inspect("berth-test-kid/x", ".Id"));
        assertEquals(404, engine.get("/containers/" + CHILD + "/x/json").status());
        assertEquals(List.of("X_NAME=/berth-test-kid/x"), variables(child, "X_NAME"));
        docker("restart", "-t", "0", child).succeeded();
        assertEquals(List.of(address(target) + "\tx " + target.substring(0, 12) + " berth-test-renamed"), hosts(child));
    }

    @Test
    void aLinkCanBeTakenAway() {
        String target = target();
        child("--link", TARGET + ":x", "--link", TARGET + ":y");
        String links = "/containers/" + CHILD + "/";
        assertEquals("404 No such container: " + CHILD + "/z", answer(engine.request("DELETE", links + "z?link=1", "")));
        assertEquals("500 Conflict, cannot remove the default link name of the container", answer(engine.request("DELETE", "/containers/" + CHILD + "?link=1", "")));
        docker("rm", "--link", CHILD + "/x").succeeded();
        assertEquals("[\"/" + TARGET + ":/" + CHILD + "/y\"]", links(CHILD));
        assertEquals(List.of("/" + CHILD + "/y", "/" + TARGET), names(target));
        assertEquals(404, engine.request("DELETE", links + "x?link=1", "").status());
        assertEquals(204, engine.request("DELETE", links + "y?link=1&force=1&v=1", "").status());
        assertEquals("null", links(CHILD));
        assertEquals(List.of(), hosts(CHILD));
        assertEquals("true", inspect(TARGET, ".State.Running"));
        docker("stop", "-t", "0", TARGET).succeeded();
        docker("restart", "-t", "0", CHILD).succeeded();
        assertEquals(List.of(), hosts(CHILD));
    }

    @Test
    void withTheContainerGoItsLinks() {
        String target = target();
        child("--link", TARGET + ":x");
        docker("rm", "-f", CHILD).succeeded();
        assertEquals(List.of("/" + TARGET), names(target));
        assertEquals(404, engine.get("/containers/" + CHILD + "/x/json").status());
    }

    @Test
    void aFurtherProcessStartsThoughATargetDoesNotRun() {
        engine.requireBerth("the reference refuses to look after such a container");
        target();
        child("--link", TARGET + ":x");
        docker("stop", "-t", "0", TARGET).succeeded();
        assertEquals(List.of(), variables(CHILD, "X_"));
    }

    @Test
    void anAliasIsNothingElseThanAName() {
        engine.requireBerth("the reference writes lines of its own into /etc/hosts by such a name");
        target();
        assertEquals("400 invalid alias \"a b\" of a link: it becomes a host name and a part of variables' names", answer(create("\"Links\":[\"" + TARGET + ":a b\"]")));
    }

    @Test
    void afterALossOfEverythingThatRanTheTargetIsStartedFirst() {
        engine.requireBerth("it kills the daemon and the keeper");
        String target = target("--restart", "always");
        child("--restart", "always", "--link", TARGET + ":x");
        String grandchild = named("berth-test-second", "--restart", "always", "--link", CHILD + ":y");
        engine.kill();
        engine.killKeeper();
        engine.startDaemon();
        awaitState(grandchild, "running");
        assertEquals(List.of(address(target) + "\tx " + target.substring(0, 12) + " " + TARGET), hosts(CHILD));
        assertTrue(hosts(grandchild).getFirst().startsWith(address(CHILD) + "\ty "), hosts(grandchild)::toString);
        engine.stop();
        engine.killKeeper();
        engine.startDaemon();
        awaitState(grandchild, "running");
        assertTrue(hosts(grandchild).getFirst().startsWith(address(CHILD) + "\ty "), hosts(grandchild)::toString);
    }

    @Test
    void anotherDaemonKnowsTheLinksAndThoseThatWereTakenAway() {
        engine.requireBerth("it kills the daemon");
        String target = target();
        child("--link", TARGET + ":x", "--link", TARGET + ":y");
        docker("rename", TARGET, "berth-test-renamed").succeeded();
        docker("rm", "--link", CHILD + "/y").succeeded();
        engine.kill();
        engine.startDaemon();
        assertEquals("[\"/berth-test-renamed:/" + CHILD + "/x\"]", links(CHILD));
        assertEquals(target, inspect(CHILD + "/x", ".Id"));
        docker("stop", "-t", "0", target).succeeded();
        named("berth-test-second");
        docker("start", target).succeeded();
        assertEquals(List.of(address(target) + "\tx " + target.substring(0, 12) + " " + TARGET), hosts(CHILD));
    }
}
