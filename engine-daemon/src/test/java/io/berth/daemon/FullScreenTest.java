package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Programs that paint the whole screen look in a container as they do in a chroot of the same root: two terminals are given the
 * same keys and the same sizes.
 */
class FullScreenTest extends ContainerTest {

    private static final String SCREENS = "berth-test-screens:latest";
    private static final Map<String, String> ENVIRONMENT = Map.of("TERM", "xterm", "PATH", "/bin", "HOME", "/root", "LANG", "C.UTF-8");
    /** In vim's last line, and in that of busybox's vi. */
    private static final Pattern INSERT_MODE = Pattern.compile("(?m)^(-- INSERT --|I /tmp/text)");
    private static final String LONG = "a second line that is longer than eighty columns and therefore goes on in another row: HERE";
    /** Busybox's vi moves a long line to the left, and forgets that it has when the screen gets another size. */
    private static final String SHORT = "a second line, short: HERE";
    private static final Pattern LIBRARY = Pattern.compile("/\\S+");

    @TempDir
    static Path directory;
    private static Path root;
    private static Optional<Path> vim;

    /** The tests' image, and the machine's vim with its libraries and what it knows of terminals. */
    @BeforeAll
    static void makeRoot() throws IOException {
        root = Files.createDirectory(directory.resolve("root"));
        Path archive = directory.resolve("root.tar");
        Files.write(archive, TestImage.rootFileSystem());
        Commands.run("tar", "-xf", archive.toString(), "-C", root.toString()).succeeded();
        vim = Stream.of("vim", "vim.tiny").map(name -> Path.of("/usr/bin", name)).filter(Files::isExecutable).findFirst();
        if (vim.isPresent()) {
            Files.copy(vim.get().toRealPath(), root.resolve("bin/vim"), StandardCopyOption.COPY_ATTRIBUTES);
            List<String> libraries = LIBRARY.matcher(Commands.run("ldd", vim.get().toString()).succeeded()).results().map(found -> found.group()).toList();
            for (String file : libraries) {
                copy(Path.of(file).toRealPath(), file);
            }
            Path terminal = Stream.of("/lib/terminfo/x/xterm", "/usr/share/terminfo/x/xterm").map(Path::of).filter(Files::exists).findFirst().orElseThrow();
            copy(terminal, terminal.toString());
        }
        Commands.run("tar", "-cf", archive.toString(), "-C", root.toString(), ".").succeeded();
        docker("import", archive.toString(), SCREENS).succeeded();
    }

    private static void copy(Path from, String to) throws IOException {
        Path target = root.resolve(to.substring(1));
        Files.createDirectories(target.getParent());
        Files.copy(from, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
    }

    /** In namespaces of its own, so that nothing of it is left when it ends. */
    private static Terminal outside(String... program) {
        List<String> command = new ArrayList<>(List.of("unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c",
                "cd \"$0\" && mount -t proc proc proc && mount --bind /dev dev && mount -t tmpfs tmpfs tmp && exec chroot . /bin/env -i \"$@\"",
                root.toString()));
        ENVIRONMENT.forEach((name, value) -> command.add(name + '=' + value));
        command.addAll(List.of(program));
        return Terminal.open(Map.of(), command);
    }

    private static Terminal inRun(String... program) {
        return engine.docker().terminal(words(marked("run"), new String[] {"-it", "--rm"}, environment(), new String[] {SCREENS}, program));
    }

    private static Terminal inExec(String... program) {
        String container = runDetached(SCREENS, "sleep", "1000");
        return engine.docker().terminal(words(new String[] {"exec", "-it"}, environment(), new String[] {container}, program));
    }

    /** But for the kind of terminal, which the engine has to know by itself. */
    private static String[] environment() {
        return ENVIRONMENT.entrySet().stream().filter(variable -> !variable.getKey().equals("TERM"))
                .flatMap(variable -> Stream.of("-e", variable.getKey() + '=' + variable.getValue())).toArray(String[]::new);
    }

    private static String[] words(String[]... parts) {
        return Arrays.stream(parts).flatMap(Arrays::stream).toArray(String[]::new);
    }

    @Test
    void vimLooksInANewContainerAsItDoesOutside() {
        edit(requireVim(), LONG, FullScreenTest::inRun);
    }

    @Test
    void vimLooksInARunningContainerAsItDoesOutside() {
        edit(requireVim(), LONG, FullScreenTest::inExec);
    }

    private static String[] requireVim() {
        Assumptions.assumeTrue(vim.isPresent(), "no vim here: the Debian package vim-tiny has one");
        return new String[] {"vim", "-N", "-n", "-u", "NONE", "-i", "NONE", "/tmp/text"};
    }

    @Test
    void busyboxsEditorLooksInAContainerAsItDoesOutside() {
        edit(new String[] {"vi", "/tmp/text"}, SHORT, FullScreenTest::inExec);
    }

    private static void edit(String[] editor, String secondLine, Function<String[], Terminal> container) {
        try (Pair pair = new Pair(outside(editor), container.apply(editor))) {
            pair.type("i", "~");
            pair.type("first line, not of ASCII alone: w\u00f6rld", "first line");
            pair.press("~", "Enter");
            pair.type(secondLine, "HERE");
            pair.resize(50, 12);
            pair.resize(120, 40);
            pair.leaveInsertMode("HERE");
            pair.type("ggOat the top", "at the top");
            pair.leaveInsertMode("at the top");
            pair.type("Gdd", "at the top");
            pair.type(":w /tmp/written", ":w /tmp/written");
            pair.press("first line", "Enter");
            pair.type(":q!", ":q!");
            pair.end("Enter");
        }
    }

    @Test
    void topFillsItsScreenAndFollowsItsSize() {
        try (Pair pair = new Pair(outside("top", "-d", "1"), inExec("top", "-d", "1"))) {
            for (int[] size : new int[][] {{80, 24}, {60, 10}, {120, 40}}) {
                pair.resize(size[0], size[1], FullScreenTest::heading);
            }
            String processes = pair.second.screen();
            assertEquals(1, processes.lines().filter(line -> line.endsWith("sleep 1000")).count(), processes);
            pair.end("q");
        }
    }

    /** What does not depend on the machine's load: where the heading stands and how it reads. */
    private static String heading(String screen) {
        List<String> lines = screen.lines().toList();
        int row = (int) lines.stream().takeWhile(line -> !line.contains("PID")).count();
        return row < lines.size() ? lines.getFirst().replaceFirst(":.*", "") + " " + row + " " + lines.get(row) : "no heading";
    }

    /** The same program on two terminals, of which the first is the model. */
    private record Pair(Terminal first, Terminal second) implements AutoCloseable {

        void type(String text, String awaited) {
            first.type(text);
            second.type(text);
            await(awaited);
        }

        void press(String awaited, String... keys) {
            first.press(keys);
            second.press(keys);
            await(awaited);
        }

        /** A key that comes together with the Escape would be read as one with Alt. */
        void leaveInsertMode(String awaited) {
            for (Terminal terminal : List.of(first, second)) {
                terminal.press("Escape");
                Await.until("the end of the insert mode", PATIENCE, () -> !INSERT_MODE.matcher(terminal.screen()).find(), terminal::screen);
            }
            press(awaited, "C-l"); // busybox's editor paints a screen of another size only when it is asked to
        }

        private void await(String awaited) {
            first.awaitText(awaited);
            second.awaitText(awaited);
            awaitEqual(Function.identity());
        }

        void resize(int columns, int rows) {
            resize(columns, rows, Function.identity());
        }

        void resize(int columns, int rows, Function<String, String> looked) {
            first.resize(columns, rows);
            second.resize(columns, rows);
            awaitEqual(looked);
        }

        private void awaitEqual(Function<String, String> looked) {
            Await.until("the same screen", PATIENCE, () -> looked.apply(first.screen()).equals(looked.apply(second.screen())),
                    () -> first.screen() + "\n--- but in the container\n" + second.screen());
        }

        void end(String key) {
            first.press(key);
            second.press(key);
            first.awaitEnd();
            second.awaitEnd();
        }

        @Override
        public void close() {
            first.close();
            second.close();
        }
    }
}
