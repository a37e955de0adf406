package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.berth.daemon.failpoint.Failpoint;
import io.berth.linux.keeper.KeeperClient;
import io.berth.linux.keeper.KeeperLauncher;
import io.berth.linux.keeper.KeeperSettings;
import io.berth.linux.keeper.KeptProcess;
import io.berth.linux.kernel.JnrKernel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The daemon is killed at every place that has a name. The next one must find a state that the API could have produced, be
 * able to go on from it, and in the end leave nothing.
 */
class FailpointTest extends ContainerTest {

    private static final String VICTIM = "berth-test-victim";
    private static final String ABSENT = "absent";
    /** Says that it runs, ends by itself when it is told to, and politely when it is asked to. */
    private static final String PROGRAM = "trap 'exit 4' TERM; touch /shared/runs; httpd -p 80; while ! [ -e /shared/end ]; do usleep 20000; done; exit 7";

    private static Set<String> untouched;
    private static String rules;

    private Path shared;
    private boolean armed;

    @BeforeAll
    static void remember() {
        engine.requireBerth("kills the daemon");
        run("--rm", "-p", "8080:80", IMAGE, "true").succeeded(); // what the first container makes stays: the bridge, the rules
        Await.until("the first container to be gone", PATIENCE, () -> engine.get("/v1.51/containers/json?all=1").text().strip().equals("[]"),
                () -> docker("ps", "-a").out());
        untouched = engine.traces();
        rules = rules();
    }

    @BeforeEach
    void makeShared() throws IOException {
        shared = Files.createTempDirectory(engine.scratch(), "shared");
    }

    /** A daemon with a failpoint serves nobody else. */
    @AfterEach
    void disarm() {
        if (armed) {
            engine.kill();
            startUnarmed();
        }
    }

    private void startUnarmed() {
        engine.startDaemon();
        armed = false;
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.MATCH_ANY, names = "(CREATE|START|STOP|REMOVE)_.*") // the others have tests of their own
    void afterAKillTheStateIsOneTheApiCouldHaveMadeAndNothingLeaks(Failpoint point) throws Exception {
        String before = switch (operation(point)) {
            case "CREATE" -> ABSENT;
            case "START" -> "created";
            case "STOP" -> "running";
            default -> "exited";
        };
        killAt(point, before);
        startUnarmed();
        String after = switch (operation(point)) {
            case "CREATE" -> "created";
            case "START" -> "running";
            case "STOP" -> "exited";
            default -> ABSENT;
        };
        awaitEither(before, after, operation(point).equals("STOP")); // the program was told to end: it has to, with nobody looking too
        assertTold();
        goOn();
        assertNothingLeft();
    }

    @ParameterizedTest
    @EnumSource(names = {"START_LAUNCHED", "START_RECORDED", "STOP_SIGNALLED", "STOP_DISCONNECTED", "STOP_RECORDED", "STOP_CGROUP_REMOVED", "STOP_RELEASED"})
    void aContainerOfRmThatEndedAroundTheKillIsRemoved(Failpoint point) throws Exception {
        killAt(point, operation(point).equals("START") ? "created" : "running", "--rm");
        Files.createFile(shared.resolve("end"));
        startUnarmed();
        Await.until("the removal", PATIENCE, () -> state().equals(ABSENT), this::state);
        assertNothingLeft();
    }

    @ParameterizedTest
    @EnumSource(names = {"START_LAUNCHED", "START_RECORDED"})
    void theExitCodeOfAContainerThatEndedBeforeTheRestartIsKnown(Failpoint point) throws Exception {
        killAt(point, "created");
        awaitRuns();
        Files.createFile(shared.resolve("end"));
        Await.until("its end", PATIENCE, () -> Residue.processesOf(engine.instance()).isEmpty(), () -> "it runs");
        startUnarmed();
        awaitState(VICTIM, "exited");
        assertEquals("7", inspect(VICTIM, ".State.ExitCode"));
        goOn();
        assertNothingLeft();
    }

    /** Brings the container into the state, begins the operation that the failpoint is in, and kills the daemon there. */
    private void killAt(Failpoint point, String state, String... options) throws Exception {
        Path reached = Files.createTempDirectory(engine.scratch(), "point").resolve("reached");
        engine.stop();
        armed = true;
        engine.startDaemon("-Dberth.failpoint=" + point + " -Dberth.failpoint.reached=" + reached);
        assertEquals("[]", engine.get("/v1.51/containers/json?all=1").text().strip(), "the journal still knows somebody");
        reach(state, options);
        Process client = engine.docker().start(switch (operation(point)) {
            case "CREATE" -> create(options);
            case "START" -> new String[] {"start", VICTIM};
            case "STOP" -> new String[] {"stop", VICTIM};
            default -> new String[] {"rm", "-v", VICTIM};
        });
        Await.until(point.toString(), PATIENCE, () -> Files.exists(reached), engine::log);
        engine.kill();
        boolean answered = client.waitFor() == 0;
        // Who waits for a stop is told before the keeper forgets the exit, and may have heard it when the kill comes.
        assertTrue(point == Failpoint.STOP_RELEASED || !answered, () -> "the client was answered before " + point);
    }

    private static String operation(Failpoint point) {
        return point.name().substring(0, point.name().indexOf('_'));
    }

    private void reach(String state, String... options) throws IOException {
        if (state.equals(ABSENT)) {
            return;
        }
        docker(create(options)).succeeded();
        if (state.equals("running")) {
            docker("start", VICTIM).succeeded();
            awaitRuns();
        } else if (state.equals("exited")) {
            Files.createFile(shared.resolve("end"));
            docker("start", VICTIM).succeeded();
            awaitState(VICTIM, state);
            Files.delete(shared.resolve("end"));
        }
    }

    private String[] create(String... options) {
        List<String> words = new ArrayList<>(List.of("--name", VICTIM, "-p", "8080:80", "-v", shared + ":/shared", "-v", "/nameless"));
        words.addAll(List.of(options));
        words.addAll(List.of(IMAGE, "sh", "-c", PROGRAM));
        return marked("create", words.toArray(String[]::new));
    }

    private void awaitRuns() {
        Await.until("the program to run", PATIENCE, () -> Files.exists(shared.resolve("runs")), engine::log);
    }

    private void awaitEither(String before, String after, boolean hasToGoOn) {
        if (hasToGoOn) {
            Await.until("the container to be " + after, PATIENCE, () -> state().equals(after), () -> state() + '\n' + engine.log());
        }
        assertTrue(Set.of(before, after).contains(state()), () -> "it is " + state() + " instead of " + before + " or " + after);
    }

    private String state() {
        RawHttp.Answer answer = engine.get("/v1.51/containers/" + VICTIM + "/json");
        return answer.status() == 404 ? ABSENT : json(answer).at("/State/Status").asText();
    }

    /** What inspect and ps tell of the container agrees with each other and with the kernel. */
    private void assertTold() throws IOException {
        JsonNode listed = json(engine.get("/v1.51/containers/json?all=1"));
        String state = state();
        if (state.equals(ABSENT)) {
            assertEquals(0, listed.size(), listed::toString);
            return;
        }
        JsonNode told = json(engine.get("/v1.51/containers/" + VICTIM + "/json"));
        assertEquals(1, listed.size(), listed::toString);
        assertEquals(state, listed.at("/0/State").asText());
        assertEquals(told.at("/Id"), listed.at("/0/Id"));
        boolean running = state.equals("running");
        assertEquals(running, told.at("/State/Running").asBoolean());
        assertEquals(running, told.at("/State/Pid").asInt() != 0);
        assertEquals(running, !told.at("/NetworkSettings/Networks/bridge/IPAddress").asText().isEmpty(), told::toPrettyString);
        assertEquals(state.equals("exited"), told.at("/State/FinishedAt").asText().startsWith("20"), told::toPrettyString);
        if (running) {
            assertTrue(Files.readString(Path.of("/proc/" + told.at("/State/Pid").asInt() + "/cgroup")).contains(told.at("/Id").asText()));
        } else {
            assertEquals(List.of(), Residue.processesOf(engine.instance()));
        }
        if (state.equals("exited")) {
            assertTrue(Set.of(4, 7).contains(told.at("/State/ExitCode").asInt()), told::toPrettyString);
        }
    }

    /** From whatever state it is in: it runs (again), its port answers, it stops and goes; and its name is free. */
    private void goOn() throws IOException {
        Files.deleteIfExists(shared.resolve("end"));
        if (state().equals(ABSENT)) {
            docker(create()).succeeded();
        }
        docker("start", VICTIM).succeeded();
        Await.until("the published port to answer", PATIENCE, () -> engine.network().get("127.0.0.1", 8080).contains("404"),
                () -> engine.network().get("127.0.0.1", 8080));
        docker("stop", VICTIM).succeeded();
        assertEquals("4", inspect(VICTIM, ".State.ExitCode"));
        docker("rm", "-v", VICTIM).succeeded();
        docker(create()).succeeded();
        docker("rm", "-v", VICTIM).succeeded();
    }

    private static void assertNothingLeft() {
        assertEquals("[]", engine.get("/v1.51/containers/json?all=1").text().strip());
        assertEquals("", docker("volume", "ls", "-q").succeeded());
        Await.until("every trace to be gone", PATIENCE, () -> untouched.containsAll(engine.traces()), () -> engine.traces() + "\ninstead of " + untouched);
        Await.until("the rules to be as before", PATIENCE, () -> rules().equals(rules), () -> rules() + "\ninstead of\n" + rules);
        Await.until("the keeper to remember nothing", PATIENCE, () -> kept().isEmpty(), () -> kept().toString());
        Await.until("the files to be gone", PATIENCE, () -> files().isEmpty(), () -> files().toString());
    }

    private static String rules() {
        return engine.network().run("nft", "--stateless", "list", "ruleset").succeeded();
    }

    private static List<KeptProcess> kept() {
        KeeperSettings settings = KeeperSettings.of(engine.execRoot(), engine.dataRoot());
        try (KeeperClient client = new KeeperLauncher(new JnrKernel(), settings).connect()) {
            return client.list();
        }
    }

    /** What the data root has of containers. */
    private static Set<String> files() {
        Set<String> files = new TreeSet<>();
        for (String directory : List.of("containers", "trash")) {
            try (Stream<Path> entries = Files.list(engine.dataRoot().resolve(directory))) {
                entries.filter(Files::isDirectory).forEach(entry -> files.add(entry.toString()));
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }
        return files;
    }
}
