package io.berth.daemon;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A network namespace with nothing but a loopback in it, as the host of an engine under test: its bridges, rules and
 * published ports are the test's own, and vanish with it. It lives as long as a sleeping process that holds it.
 */
public final class NetworkSpace implements AutoCloseable {

    private final Process holder;

    public NetworkSpace() {
        try {
            holder = new ProcessBuilder("unshare", "--net", "sleep", "infinity").start();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        // Until unshare has done its work and become the sleep, its namespace is still ours.
        Await.until("a network namespace", Duration.ofSeconds(10), () -> !namespace(holder.pid()).equals(namespace(ProcessHandle.current().pid())),
                () -> "unshare " + (holder.isAlive() ? "runs" : "ended with " + holder.exitValue() + " (not root?)"));
        run(TestImage.busybox().toString(), "ip", "link", "set", "lo", "up").succeeded();
    }

    /** Runs a program in it. */
    public Commands.Result run(String... command) {
        return Commands.run(enter(command).toArray(String[]::new));
    }

    /** What an HTTP server answers to {@code GET /} on a connection from inside; empty when there is no answer. */
    String get(String address, int port) {
        // A static busybox resolves names by the host's libraries and crashes; bash connects by itself.
        String script = "exec 3<>/dev/tcp/" + address + '/' + port + " && printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3 && cat <&3";
        String answer = run("timeout", "2", "bash", "-c", script).out();
        return answer.substring(answer.indexOf("\r\n\r\n") < 0 ? answer.length() : answer.indexOf("\r\n\r\n") + 4);
    }

    /** The words that run {@code command} in it. */
    public List<String> enter(String... command) {
        List<String> words = new ArrayList<>(List.of("nsenter", "--net=/proc/" + holder.pid() + "/ns/net", "--"));
        words.addAll(List.of(command));
        return words;
    }

    /** All processes in it but the one that holds it. */
    public List<Long> processes() {
        String own = namespace(holder.pid());
        return ProcessHandle.allProcesses().map(ProcessHandle::pid)
                .filter(pid -> pid != holder.pid() && namespace(pid).equals(own)).toList();
    }

    /** That process, and all others in its network namespace. */
    public static List<Long> processesBeside(long pid) {
        String own = namespace(pid);
        return ProcessHandle.allProcesses().map(ProcessHandle::pid).filter(other -> namespace(other).equals(own)).toList();
    }

    /** The namespace's identity, or nothing when the process is gone. */
    private static String namespace(long pid) {
        try {
            return Files.readSymbolicLink(Path.of("/proc/" + pid + "/ns/net")).toString();
        } catch (IOException gone) {
            return "";
        }
    }

    @Override
    public void close() {
        holder.destroyForcibly();
        holder.onExit().join();
    }
}
