package io.berth.daemon;

import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.JnrKernel;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.namespace.NetworkNamespace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

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

    /** Makes a link to another one: this end has the first address, the other the second, each as {@code 192.0.2.1/24}. */
    void connect(NetworkSpace other, String own, String others) {
        run("ip", "link", "add", "wire", "type", "veth", "peer", "name", "wire", "netns", String.valueOf(other.holder.pid())).succeeded();
        end(own);
        other.end(others);
    }

    private void end(String address) {
        run("ip", "address", "add", address, "dev", "wire").succeeded();
        run("ip", "link", "set", "wire", "up").succeeded();
    }

    /** What {@code opening} makes in the network namespace of a process: a socket stays in the one it was made in, whoever uses it. */
    static <T> T open(long pid, Callable<T> opening) {
        Kernel kernel = new JnrKernel();
        try (Fd namespace = new FileCalls(kernel).open("/proc/" + pid + "/ns/net", FileCalls.O_RDONLY, 0)) {
            return NetworkNamespace.inside(kernel, namespace, () -> {
                try {
                    return opening.call();
                } catch (Exception failure) {
                    throw new AssertionError("in the network namespace of process " + pid, failure);
                }
            });
        }
    }

    <T> T open(Callable<T> opening) {
        return open(holder.pid(), opening);
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
