package io.berth.daemon;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** A real terminal with a program in it, driven through tmux: keys go in, what a person would see comes out. */
final class Terminal implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** A tmux server of this terminal's own, so that closing it touches nobody else's. */
    private final String server = "berth-test-" + UUID.randomUUID();

    private Terminal() {
    }

    static Terminal open(Map<String, String> environment, List<String> program) {
        Terminal terminal = new Terminal();
        List<String> command = new ArrayList<>(List.of("tmux", "-f", "/dev/null", "-L", terminal.server,
                "new-session", "-d", "-x", "80", "-y", "24"));
        environment.forEach((name, value) -> command.addAll(List.of("-e", name + '=' + value)));
        command.addAll(program);
        Commands.run(environment, new byte[0], command).succeeded();
        return terminal;
    }

    /** Types a text as it stands. */
    void type(String text) {
        tmux("send-keys", "-l", text);
    }

    /** Presses keys by tmux's names for them: Enter, C-p, C-c. */
    void press(String... keys) {
        for (String key : keys) {
            tmux("send-keys", key);
        }
    }

    /**
     * Leaves a shell with the detach keys, and leaves it with a line to read. At its prompt busybox asks the terminal where the cursor
     * is, and an answer that comes between the two keys makes them no detach keys, for the CLI as for any engine.
     */
    void leaveShell() {
        type("echo re''ady; read line");
        press("Enter");
        awaitText("ready");
        press("C-p", "C-q");
        awaitEnd();
    }

    void resize(int columns, int rows) {
        tmux("resize-window", "-x", Integer.toString(columns), "-y", Integer.toString(rows));
    }

    /** What is on the screen now. */
    String screen() {
        return tmux("capture-pane", "-p");
    }

    void awaitText(String text) {
        Await.until("\"" + text + "\" on the screen", PATIENCE, () -> screen().contains(text), this::screen);
    }

    /** Waits for the program to end, which ends its terminal. */
    void awaitEnd() {
        Await.until("the program's end", PATIENCE, () -> !isOpen(), this::screen);
    }

    private boolean isOpen() {
        return Commands.run("tmux", "-L", server, "has-session").code() == 0;
    }

    private String tmux(String... words) {
        List<String> command = new ArrayList<>(List.of("tmux", "-L", server));
        command.addAll(List.of(words));
        return Commands.run(Map.of(), new byte[0], command).succeeded();
    }

    @Override
    public void close() {
        if (isOpen()) {
            tmux("kill-server");
        }
    }
}
