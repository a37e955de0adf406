package io.berth.linux.keeper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.linux.keeper.log.LogOptions;
import io.berth.linux.keeper.log.LogQuery;
import io.berth.linux.keeper.log.LogReader;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.JnrKernel;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.SocketCalls;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real keeper in a process of its own, with programs of the host in the place of containers. Needs root. */
@Timeout(60)
class KeeperTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Kernel kernel = new JnrKernel();
    private final RecordedEvents events = new RecordedEvents();
    @TempDir
    private Path root;
    private KeeperLauncher launcher;
    private KeeperClient keeper;

    @BeforeEach
    void startKeeper() {
        launcher = new KeeperLauncher(kernel, KeeperSettings.of(root, root.resolve("native")));
        keeper = launcher.connectOrStart();
        keeper.subscribe(0, events);
    }

    @AfterEach
    void endKeeper() throws IOException {
        ProcessHandle handle = ProcessHandle.of(keeper.identity().pid()).orElseThrow();
        try {
            List<Long> alive = keeper.list().stream().filter(process -> process.state() == KeptProcess.State.RUNNING)
                    .map(process -> (long) process.pid()).toList();
            alive.forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
        } finally {
            keeper.close();
            handle.destroyForcibly();
            handle.onExit().join();
        }
        String words = Files.readString(root.resolve("keeper.log"));
        assertEquals("", words);
    }

    @Test
    void aProcessRunsItsOutputIsLoggedAndItsExitAnnounced() {
        LaunchResult result = launch("c1", 1, "echo out; echo err >&2; exit 3");
        assertInstanceOf(LaunchResult.Started.class, result);
        Exit exit = events.awaitExit("c1");
        assertEquals(3, exit.code());
        assertEquals(List.of("1:out\n", "2:err\n"), log("c1").stream().sorted().toList());
        assertEquals(List.of(new KeptProcess("c1", 1, ((LaunchResult.Started) result).pid(), KeptProcess.State.EXITED)), keeper.list());
        keeper.releaseSoon("c1", 1); // in force before the next answer
        assertEquals(List.of(), keeper.list());
    }

    @Test
    void aFailedStepIsNamedAndNothingIsLeft() {
        try (Program program = Program.withPipes(kernel, "/nowhere/program")) {
            LaunchRequest request = program.request("c1", 1, LogOptions.none());
            LaunchResult.Failed failed = assertInstanceOf(LaunchResult.Failed.class, keeper.launch(request, PATIENCE));
            assertEquals(5, failed.step());
            assertEquals(Errno.ENOENT, failed.errno());
        }
        assertEquals(List.of(), keeper.list());
    }

    @Test
    void aKeyRunsOnceAndAnotherGenerationTakesItOverAfterItsExit() {
        launch("c1", 1, "read line; exit 4");
        KeeperException refused = assertThrows(KeeperException.class, () -> launch("c1", 2, "exit 0"));
        assertEquals(KeeperException.Kind.CONFLICT, refused.kind());
        assertEquals(KeeperException.Kind.CONFLICT, assertThrows(KeeperException.class, () -> keeper.release("c1", 1)).kind());
        keeper.closeStdin("c1");
        events.awaitExit("c1");
        launch("c1", 2, "echo again");
        assertEquals(List.of("1:again\n"), awaitLog("c1", 1));
    }

    @Test
    void aLaunchThatHangsHoldsUpNobodyAndCanBeKilled() {
        try (FileCalls.Pipe pipe = new FileCalls(kernel).pipe(); Program program = Program.stuck(kernel, pipe)) {
            LaunchRequest request = program.request("stuck", 1, LogOptions.none());
            KeeperException late = assertThrows(KeeperException.class, () -> keeper.launch(request, Duration.ofMillis(100)));
            assertEquals(KeeperException.Kind.TIMEOUT, late.kind());
            assertEquals(KeptProcess.State.STARTING, keeper.list().getFirst().state());
            launch("c1", 1, "exit 0");
            events.awaitExit("c1");
            keeper.signal("stuck", 9);
            assertEquals(137, events.awaitExit("stuck").code());
        }
    }

    /** The signal finds the launcher before its clone, or after it and before the keeper has heard of that. */
    @Test
    void aLaunchIsKilledHoweverFarItHasCome() throws InterruptedException {
        for (int i = 0; i < 50; i++) {
            String key = "killed" + i;
            try (FileCalls.Pipe pipe = new FileCalls(kernel).pipe(); Program program = Program.stuck(kernel, pipe)) {
                LaunchRequest request = program.request(key, 1, LogOptions.none());
                Thread launch = Thread.ofVirtual().start(() -> {
                    try {
                        keeper.launch(request, PATIENCE);
                    } catch (KeeperException refused) {
                        // there is no process yet
                    }
                });
                while (!signalled(key)) { } // the launch is on its way
                launch.join();
                while (isAlive(key)) { }
            }
        }
    }

    private boolean isAlive(String key) {
        return keeper.list().stream().anyMatch(process -> process.key().equals(key) && process.state() != KeptProcess.State.EXITED);
    }

    private boolean signalled(String key) {
        try {
            keeper.signal(key, 9);
            return true;
        } catch (KeeperException unknown) {
            return false;
        }
    }

    @Test
    void aLaunchThatFailsAfterItsRequesterHasGoneIsAnnouncedToTheNext() {
        FileCalls files = new FileCalls(kernel);
        try (FileCalls.Pipe pipe = files.pipe(); Program program = Program.stuck(kernel, pipe, "/nowhere/program")) {
            LaunchRequest request = program.request("stuck", 1, LogOptions.none());
            assertThrows(KeeperException.class, () -> keeper.launch(request, Duration.ofMillis(100)));
            keeper.close();
            keeper = launcher.connect();
            RecordedEvents later = new RecordedEvents();
            keeper.subscribe(0, later);
            assertEquals(KeptProcess.State.STARTING, keeper.list().getFirst().state());
            files.write(pipe.writeEnd(), "x");
            assertEquals(128, later.awaitExit("stuck").code());
            keeper.release("stuck", 1);
            assertEquals(List.of(), keeper.list());
        }
    }

    @Test
    void exitsSinceANumberAreCompleteAndInOrderForALaterClient() {
        for (int i = 0; i < 10; i++) {
            launch("a" + i, 1, "exit " + i);
            events.awaitExit("a" + i);
        }
        keeper.close();
        keeper = launcher.connect();
        for (int i = 0; i < 10; i++) {
            launch("b" + i, 1, "exit " + i);
        }
        keeper.close();
        keeper = launcher.connect();
        RecordedEvents later = new RecordedEvents();
        keeper.subscribe(4, later);
        for (int i = 0; i < 10; i++) {
            assertEquals(i, later.awaitExit("b" + i).code());
        }
        assertEquals(LongStream.rangeClosed(5, 20).boxed().toList(), later.exits().stream().map(Exit::sequence).toList());
    }

    @Test
    void everyLineOfTwentyWritersIsLoggedOnceAndInOrderWhileClientsComeAndGo() {
        int lines = 3000;
        for (int i = 0; i < 20; i++) {
            launch("w" + i, 1, "i=0; while [ $i -lt " + lines + " ]; do i=$((i+1)); echo $i; done");
        }
        for (int i = 0; i < 20; i++) {
            keeper.close();
            keeper = launcher.connect();
        }
        keeper.subscribe(0, events);
        List<String> expected = IntStream.rangeClosed(1, lines).mapToObj(n -> "1:" + n + "\n").toList();
        for (int i = 0; i < 20; i++) {
            events.awaitExit("w" + i);
            assertEquals(expected, log("w" + i));
        }
    }

    @Test
    void theKeeperLivesInASessionOfItsOwnAndIsTheOnlyOneOfItsRoot() throws IOException {
        String[] stat = Files.readString(Path.of("/proc/" + keeper.identity().pid() + "/stat")).replaceAll(".*\\) ", "").split(" ");
        assertEquals(Integer.toString(keeper.identity().pid()), stat[2], "its process group");
        assertEquals(Integer.toString(keeper.identity().pid()), stat[3], "its session");
        try (KeeperClient second = launcher.connectOrStart()) {
            assertEquals(keeper.identity(), second.identity());
        }
    }

    @Test
    void theKeeperAndItsProcessesSurviveTheKillingOfTheDaemonThatStartedThem(@TempDir Path other) throws IOException {
        Process daemon = new ProcessBuilder(System.getProperty("java.home") + "/bin/java", "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow", "-cp", System.getProperty("java.class.path"), DaemonStandIn.class.getName(),
                other.toString()).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        assertEquals("running", daemon.inputReader().readLine());
        daemon.destroyForcibly();
        daemon.onExit().join();
        RecordedEvents heard = new RecordedEvents();
        try (KeeperClient found = new KeeperLauncher(kernel, KeeperSettings.of(other, other.resolve("native"))).connect()) {
            found.subscribe(0, heard);
            assertEquals(List.of("stays"), found.list().stream().map(KeptProcess::key).toList());
            assertEquals(KeptProcess.State.RUNNING, found.list().getFirst().state());
            found.closeStdin("stays");
            assertEquals(6, heard.awaitExit("stays").code());
            ProcessHandle handle = ProcessHandle.of(found.identity().pid()).orElseThrow();
            found.shutdown(false);
            handle.onExit().join();
        }
    }

    @Test
    void aKilledKeeperLeavesItsExitsToTheNextOne() throws IOException {
        launch("c1", 1, "exit 7");
        launch("c2", 1, "exit 8");
        events.awaitExit("c1");
        events.awaitExit("c2");
        keeper.release("c1", 1);
        ProcessHandle handle = ProcessHandle.of(keeper.identity().pid()).orElseThrow();
        handle.destroyForcibly();
        handle.onExit().join();
        events.awaitWord("lost: ");
        assertEquals(KeeperException.Kind.LOST, assertThrows(KeeperException.class, keeper::ping).kind());
        List<Exit> left = ExitJournal.read(kernel, root.resolve("exits").toString());
        assertEquals(List.of("c2"), left.stream().map(Exit::key).toList());
        keeper.close();
        keeper = launcher.connectOrStart();
        RecordedEvents later = new RecordedEvents();
        keeper.subscribe(0, later);
        assertEquals(left.getFirst(), later.awaitExit("c2"));
        launch("c3", 1, "exit 9");
        assertTrue(later.awaitExit("c3").sequence() > left.getFirst().sequence());
    }

    @Test
    void aHundredLivesLeaveNoDescriptorBehind() throws IOException {
        runAndRelease("warm up");
        int before = descriptors();
        for (int i = 0; i < 100; i++) {
            runAndRelease("c" + i);
        }
        assertEquals(before, descriptors());
    }

    @Test
    void manyLaunchesAtOnceFromVirtualThreadsWithClientsThatVanishLeaveNothingBehind() throws Exception {
        runAndRelease("warm up");
        int before = descriptors();
        List<Thread> threads = IntStream.range(0, 40).mapToObj(i -> Thread.startVirtualThread(() -> launchWithVanishingClient(i))).toList();
        for (Thread thread : threads) {
            thread.join();
        }
        for (int i = 0; i < 40; i++) {
            assertEquals(i, events.awaitExit("c" + i).code());
            assertEquals(400, log("c" + i).size());
            keeper.release("c" + i, 1);
        }
        assertEquals(before, descriptors());
    }

    private void launchWithVanishingClient(int number) {
        String script = "i=0; while [ $i -lt 400 ]; do i=$((i+1)); echo $i; done; exit " + number;
        try (Program program = Program.withPipes(kernel, "/bin/sh", "-c", script);
                FileCalls.Pipe pair = new SocketCalls(kernel).pair(SocketCalls.SOCK_STREAM)) {
            Attachment client = new Attachment(pair.writeEnd(), number, true, true, true, true, false, new byte[0], new byte[0]);
            keeper.launch(program.request("c" + number, 1, logOptions("c" + number), client), PATIENCE);
        }
    }

    @Test
    void aTerminalIsResizedAndItsClientDetachesByItsKeys() {
        try (Program program = Program.withTerminal(kernel, "/bin/sh", "-c", "stty -echo; while read w; do stty size; done");
                FileCalls.Pipe pair = new SocketCalls(kernel).pair(SocketCalls.SOCK_STREAM)) {
            Attachment client = new Attachment(pair.writeEnd(), 77, true, true, true, false, false, new byte[] {16, 17}, new byte[0]);
            keeper.launch(program.request("tty", 1, logOptions("tty"), client), PATIENCE);
            pair.writeEnd().close();
            keeper.resize("tty", 33, 101);
            TestPeer peer = new TestPeer(kernel, pair.readEnd());
            peer.send("go\n");
            peer.await(text -> text.contains("33 101"));
            peer.send("\u0010\u0011");
            peer.awaitEnd();
            assertEquals("detached tty 1 77", events.awaitWord("detached"));
            assertEquals(KeptProcess.State.RUNNING, keeper.list().getFirst().state());
        }
    }

    @Test
    void aTerminalThatNobodyHadOpenForAWhileGoesOn() {
        String script = "t=$(tty); stty -onlcr; echo before; exec 0<&- 1>&- 2>&-; sleep 0.1; echo after >$t; sleep 0.1; exit 5";
        try (Program program = Program.withTerminal(kernel, "/bin/sh", "-c", script)) {
            keeper.launch(program.request("tty", 1, logOptions("tty")), PATIENCE);
        }
        assertEquals(5, events.awaitExit("tty").code());
        assertEquals(List.of("1:before\n", "1:after\n"), log("tty"));
    }

    @Test
    void aClientsHalfCloseEndsTheInputAndTheClientStillGetsTheOutput() {
        try (Program program = Program.withPipes(kernel, "/bin/cat");
                FileCalls.Pipe pair = new SocketCalls(kernel).pair(SocketCalls.SOCK_STREAM)) {
            Attachment client = new Attachment(pair.writeEnd(), 1, true, true, true, true, true, new byte[0],
                    "typed early\n".getBytes(StandardCharsets.UTF_8));
            keeper.launch(program.request("cat", 1, LogOptions.none(), client), PATIENCE);
            pair.writeEnd().close();
            TestPeer peer = new TestPeer(kernel, pair.readEnd());
            peer.send("x\n");
            new SocketCalls(kernel).shutdown(pair.readEnd(), SocketCalls.SHUT_WR);
            assertEquals("typed early\nx\n", TestPeer.unframed(peer.awaitEnd(), 1));
            assertEquals(0, events.awaitExit("cat").code());
        }
    }

    private void runAndRelease(String key) {
        launch(key, 1, "echo " + key);
        events.awaitExit(key);
        keeper.release(key, 1);
    }

    private int descriptors() throws IOException {
        try (var all = Files.list(Path.of("/proc/" + keeper.identity().pid() + "/fd"))) {
            return (int) all.count();
        }
    }

    private LaunchResult launch(String key, long generation, String script) {
        try (Program program = Program.withPipes(kernel, "/bin/sh", "-c", script)) {
            return keeper.launch(program.request(key, generation, logOptions(key)), PATIENCE);
        }
    }

    private LogOptions logOptions(String key) {
        Path directory = root.resolve("logs").resolve(key);
        try {
            Files.createDirectories(directory);
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
        return LogOptions.in(directory.toString());
    }

    private List<String> log(String key) {
        List<String> lines = new ArrayList<>();
        new LogReader(kernel, logOptions(key).directory()).read(LogQuery.all(),
                line -> lines.add(line.stream() + ":" + new String(line.bytes(), StandardCharsets.UTF_8)));
        return lines;
    }

    /** The log of the generation whose exit is announced next. */
    private List<String> awaitLog(String key, int exitsBefore) {
        while (events.exits().stream().filter(exit -> exit.key().equals(key)).count() <= exitsBefore) {
            Thread.onSpinWait();
        }
        return log(key);
    }
}
