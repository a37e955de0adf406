package io.berth.linux.launch;

import static io.berth.linux.kernel.Argument.NULL;

import io.berth.linux.cgroup.Join;
import io.berth.linux.kernel.Argument;
import io.berth.linux.file.BytePath;
import io.berth.linux.kernel.BlockingCalls;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.JnrKernel;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SystemCall;
import io.berth.linux.mount.ContainerTree;
import io.berth.linux.mount.MountSpec;
import io.berth.linux.mount.PreparedTree;
import io.berth.linux.mount.TreeSpec;
import io.berth.linux.security.Capabilities;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A container of busybox, launched and reaped by the test itself: what the daemon and the keeper do together, without them. */
final class TestContainer implements AutoCloseable {

    /** Whether this machine's controllers are on cgroup version 1. */
    static final boolean VERSION_1 = Files.exists(Path.of("/sys/fs/cgroup/pids"));

    final Kernel kernel = new JnrKernel();
    final FileCalls files = new FileCalls(kernel);
    final List<MountSpec> mounts = new ArrayList<>();
    final Path image;
    final Path changes;
    ProcessSpec.Credentials user = ProcessSpec.Credentials.ROOT;
    Capabilities capabilities = Capabilities.DEFAULT;
    Optional<byte[]> seccomp = Optional.empty();
    boolean noNewPrivileges;
    boolean readOnlyRoot;
    List<String> environment = List.of("PATH=/bin");
    String directory = "/";
    Optional<Fd> network = Optional.empty();
    Map<String, Boolean> masked = Map.of("/proc/interrupts", false, "/sys/firmware", true);
    private final BlockingCalls blockingCalls = new BlockingCalls(kernel);
    private final Launcher launcher = new Launcher(kernel);
    private final Path staging;
    private final ContainerTree trees;

    TestContainer(Path temporary) throws IOException {
        image = Files.createDirectories(temporary.resolve("image"));
        Files.createDirectories(image.resolve("bin"));
        Files.copy(Path.of(System.getenv().getOrDefault("BERTH_BUSYBOX", "/bin/busybox")), image.resolve("bin/busybox"));
        for (String tool : List.of("sh", "cat", "ls", "id", "hostname", "true", "false", "echo", "grep", "mount", "stat", "tty",
                "touch", "mkdir", "readlink", "pwd", "chroot", "env", "sleep", "mknod", "stty", "dd", "umount", "wc", "kill")) {
            Files.createSymbolicLink(image.resolve("bin").resolve(tool), Path.of("busybox"));
        }
        changes = Files.createDirectories(temporary.resolve("changes"));
        staging = Files.createDirectories(temporary.resolve("staging"));
        trees = new ContainerTree(kernel, Files.createDirectories(temporary.resolve("scratch")).toString());
    }

    record Result(int status, String output, String failure) {
        int exitCode() {
            return status >> 8;
        }
    }

    /** Runs a shell script. */
    Result sh(String script) throws IOException {
        return run(List.of("/bin/sh"), "sh", "-c", script);
    }

    Result run(List<String> candidates, String... arguments) throws IOException {
        Path upper = Files.createDirectories(changes.resolve("upper"));
        Path work = Files.createDirectories(changes.resolve("work"));
        TreeSpec spec = new TreeSpec(List.of(image.toString()), upper.toString(), work.toString(), mounts,
                VERSION_1 ? new TreeSpec.CgroupView.Hierarchies(List.of(new TreeSpec.Hierarchy("pids", "/sys/fs/cgroup/pids")))
                        : new TreeSpec.CgroupView.Unified(), false,
                64 << 20, BytePath.of(directory));
        try (PreparedTree tree = blockingCalls.callUnmasked(() -> trees.prepare(spec)); FileCalls.Pipe output = files.pipe();
                FileCalls.Pipe started = files.pipe(); Fd nothing = files.open("/dev/null", FileCalls.O_RDONLY, 0)) {
            ProcessSpec process = new ProcessSpec(bytes(candidates), bytes(Arrays.asList(arguments)), bytes(environment),
                    directory.getBytes(StandardCharsets.UTF_8), user, capabilities, seccomp, noNewPrivileges,
                    List.of(new ProcessSpec.ResourceLimit(ProcessSpec.ResourceLimit.NOFILE, 1024, 4096)), Optional.empty());
            ContainerLaunch launch = new ContainerLaunch(tree.root(), staging.toString(), tree.mounts(), readOnlyRoot,
                    new LinkedHashMap<>(masked), List.of("/proc/sys"), Map.of("kernel.shmmni", "512"), new Join.WriteTasks(List.of()), network,
                    LaunchPlan.CLONE_NEWPID | LaunchPlan.CLONE_NEWIPC | LaunchPlan.CLONE_NEWUTS
                            | (VERSION_1 ? 0 : LaunchPlan.CLONE_NEWCGROUP), Optional.of("box"),
                    Optional.of("example"), new Stdio.Pipes(nothing, output.writeEnd(), output.writeEnd()), process,
                    started.writeEnd());
            return launch(launch.plan(), output);
        }
    }

    private Result launch(LaunchPlan plan, FileCalls.Pipe output) {
        LaunchTable table = plan.compile();
        try (Fd memory = table.toMemory(kernel); TableMemory mapped = new TableMemory(kernel, memory)) {
            table.relocations().forEach(r -> mapped.patch(r.offset(), table.inherited().get(r.index()).number()));
            reap(launcher.spawn(memory, table.inherited()));
            output.writeEnd().close();
            String text = readAll(output.readEnd());
            int status = mapped.pid() == 0 ? -1 : reap(mapped.pid());
            String failure = mapped.failedStep() < 0 ? ""
                    : plan.steps().get(mapped.failedStep()).name() + ": " + Errno.of(mapped.errno());
            return new Result(status, text, failure);
        }
    }

    private int reap(int pid) {
        NativeBuffer status = NativeBuffer.allocate(4);
        kernel.retry(SystemCall.WAIT4, Argument.of(pid), status, NULL, NULL);
        return status.bytes().getInt(0);
    }

    private String readAll(Fd fd) {
        StringBuilder text = new StringBuilder();
        NativeBuffer buffer = NativeBuffer.allocate(4096);
        for (int n = files.read(fd, buffer, 0, 4096); n > 0; n = files.read(fd, buffer, 0, 4096)) {
            text.append(new String(buffer.copy(0, n), StandardCharsets.UTF_8));
        }
        return text.toString();
    }

    private static List<byte[]> bytes(List<String> texts) {
        return texts.stream().map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();
    }

    @Override
    public void close() {
        launcher.close();
        blockingCalls.close();
    }
}
