package io.berth.daemon.clients;

import static io.berth.daemon.clients.Checks.equal;
import static io.berth.daemon.clients.Checks.refused;
import static io.berth.daemon.clients.Checks.that;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.command.ExecCreateCmd;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.command.InspectExecResponse;
import com.github.dockerjava.api.command.WaitContainerResultCallback;
import com.github.dockerjava.api.exception.BadRequestException;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.exception.NotModifiedException;
import com.github.dockerjava.api.model.Event;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.PortBinding;
import com.github.dockerjava.api.model.PruneType;
import com.github.dockerjava.api.model.Statistics;
import com.github.dockerjava.api.model.StreamType;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.core.InvocationBuilder;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** What users of docker-java do every day: {@code DockerJavaScenario SOCKET IMAGE_ARCHIVE}. */
public final class DockerJavaScenario {

    private static final String IMAGE = "berth-test:latest";
    private static final Map<String, String> MARK = Map.of("berth.test", "", "berth.client", "java");
    private static final ExposedPort PORT = ExposedPort.tcp(80);

    private final DockerClient docker;
    private final Path archive;

    private DockerJavaScenario(DockerClient docker, Path archive) {
        this.docker = docker;
        this.archive = archive;
    }

    public static void main(String[] arguments) throws Exception {
        DockerClientConfig config = DefaultDockerClientConfig.createDefaultConfigBuilder().withDockerHost("unix://" + arguments[0]).build();
        ZerodepDockerHttpClient http = new ZerodepDockerHttpClient.Builder().dockerHost(config.getDockerHost()).build();
        try (DockerClient docker = DockerClientImpl.getInstance(config, http)) {
            DockerJavaScenario scenario = new DockerJavaScenario(docker, Path.of(arguments[1]));
            scenario.system();
            scenario.images();
            scenario.life();
            scenario.attached();
            scenario.events();
        }
    }

    private void system() {
        docker.pingCmd().exec();
        that("ping", true, "");
        equal("version", "linux", docker.versionCmd().exec().getOperatingSystem());
        equal("info", "linux", docker.infoCmd().exec().getOsType());
    }

    private void images() throws IOException {
        try (InputStream packed = Files.newInputStream(archive)) {
            docker.loadImageCmd(packed).exec();
        }
        equal("inspectImage", List.of("sh"), List.of(docker.inspectImageCmd(IMAGE).exec().getConfig().getCmd()));
        docker.tagImageCmd(IMAGE, "berth-test", "java").exec();
        equal("listImages", 1, docker.listImagesCmd().withReferenceFilter("berth-test:java").exec().size());
        docker.removeImageCmd("berth-test:java").exec();
        refused("inspectImage of nothing", NotFoundException.class, () -> docker.inspectImageCmd("berth-test:java").exec());
        refused("createContainer of no image", NotFoundException.class, () -> docker.createContainerCmd("berth-test:none").exec());
    }

    private CreateContainerCmd create(String... command) {
        return docker.createContainerCmd(IMAGE).withCmd(command).withLabels(MARK);
    }

    private void life() throws Exception {
        String web = create("sh", "-c", "mkdir /www; echo served > /www/index.html; httpd -h /www -p 80; echo trouble >&2; echo up; exec sleep 1000")
                .withName("berth-test-java").withHostName("java").withEnv("K=v").withExposedPorts(PORT)
                .withHostConfig(HostConfig.newHostConfig().withPortBindings(PortBinding.parse("127.0.0.1::80")).withMemory(64L << 20)).exec().getId();
        docker.startContainerCmd(web).exec();
        refused("startContainer of what runs", NotModifiedException.class, () -> docker.startContainerCmd(web).exec());
        BlockingQueue<Frame> lines = new LinkedBlockingQueue<>();
        try (ResultCallback.Adapter<Frame> follower = docker.logContainerCmd(web).withStdOut(true).withFollowStream(true).exec(into(lines))) {
            equal("logContainer that follows", "STDOUT: up", lines.poll(20, TimeUnit.SECONDS).toString());
            that("logContainer goes on", lines.isEmpty(), follower);
        }
        InspectContainerResponse told = docker.inspectContainerCmd(web).exec();
        equal("inspectContainer", "/berth-test-java", told.getName());
        equal("inspectContainer's limits", 64L << 20, told.getHostConfig().getMemory());
        String port = told.getNetworkSettings().getPorts().getBindings().get(PORT)[0].getHostPortSpec();
        try (InputStream page = URI.create("http://127.0.0.1:" + port + "/").toURL().openStream()) {
            equal("a published port", "served\n", text(page));
        }
        equal("listContainers", web, docker.listContainersCmd().withNameFilter(List.of("berth-test-java")).exec().getFirst().getId());
        equal("logContainer", "trouble\n", output(docker.logContainerCmd(web).withStdErr(true).exec(new Output()), StreamType.STDERR));
        refused("createContainer with a name that is taken", ConflictException.class, () -> create("true").withName("berth-test-java").exec());
        that("topContainer", List.of(docker.topContainerCmd(web).exec().getProcesses()).toString().length() > 0, "nothing");
        execs(web);
        files(web);
        states(web);
        docker.removeContainerCmd(web).withForce(true).exec();
        refused("inspectContainer of what is gone", NotFoundException.class, () -> docker.inspectContainerCmd(web).exec());
        String broken = create("/no/such").exec().getId();
        refused("startContainer of no program", BadRequestException.class, () -> docker.startContainerCmd(broken).exec());
        docker.removeContainerCmd(broken).exec();
    }

    private ExecCreateCmd exec(String container, String... command) {
        return docker.execCreateCmd(container).withAttachStdout(true).withAttachStderr(true).withCmd(command);
    }

    private void execs(String web) throws Exception {
        String id = exec(web, "sh", "-c", "echo $(hostname) $K $(id -u) $(pwd); echo err >&2; exit 5").withUser("1000").withWorkingDir("/tmp").exec().getId();
        Output output = docker.execStartCmd(id).exec(new Output());
        equal("execStart", "java v 1000 /tmp\n", output(output, StreamType.STDOUT));
        equal("execStart's errors", "err\n", output.text(StreamType.STDERR));
        InspectExecResponse ended = docker.inspectExecCmd(id).exec();
        equal("inspectExec", 5L, ended.getExitCodeLong());
        String head = exec(web, "head", "-n", "1").withAttachStdin(true).exec().getId();
        InputStream input = new ByteArrayInputStream("through\n".getBytes(StandardCharsets.UTF_8));
        equal("execStart with standard input", "through\n", output(docker.execStartCmd(head).withStdIn(input).exec(new Output()), StreamType.STDOUT));
        String tty = exec(web, "tty").withTty(true).exec().getId();
        equal("execStart on a terminal", "/dev/pts/0\r\n", output(docker.execStartCmd(tty).withTty(true).exec(new Output()), StreamType.RAW));
        refused("execCreate in nothing", NotFoundException.class, () -> exec("berth-test-none", "true").exec());
    }

    private void files(String web) throws Exception {
        docker.copyArchiveToContainerCmd(web).withTarInputStream(new ByteArrayInputStream(packed("sent", "by java\n"))).withRemotePath("/tmp").exec();
        String stat = exec(web, "stat", "-c", "%a %u", "/tmp/sent").exec().getId();
        equal("copyArchiveToContainer", "640 1000\n", output(docker.execStartCmd(stat).exec(new Output()), StreamType.STDOUT));
        equal("copyArchiveFromContainer", Map.of("sent", "by java\n"), unpacked(docker.copyArchiveFromContainerCmd(web, "/tmp/sent").exec()));
        refused("copyArchiveFromContainer of nothing", NotFoundException.class, () -> docker.copyArchiveFromContainerCmd(web, "/none").exec());
        that("containerDiff", docker.containerDiffCmd(web).exec().stream().anyMatch(change -> change.getPath().equals("/tmp/sent") && change.getKind() == 1), "no");
        String image = docker.commitCmd(web).withRepository("berth-test").withTag("java-committed").withAuthor("by java").exec();
        equal("commit", "by java", docker.inspectImageCmd(image).exec().getAuthor());
        docker.removeImageCmd("berth-test:java-committed").exec();
    }

    private void states(String web) throws Exception {
        InvocationBuilder.AsyncResultCallback<Statistics> usage = new InvocationBuilder.AsyncResultCallback<>();
        docker.statsCmd(web).withNoStream(true).exec(usage);
        equal("stats", 64L << 20, usage.awaitResult().getMemoryStats().getLimit());
        docker.pauseContainerCmd(web).exec();
        equal("pauseContainer", "paused", status(web));
        docker.unpauseContainerCmd(web).exec();
        docker.renameContainerCmd(web).withName("berth-test-java-renamed").exec();
        equal("renameContainer", "/berth-test-java-renamed", docker.inspectContainerCmd(web).exec().getName());
        docker.updateContainerCmd(web).withMemory(128L << 20).withMemorySwap(256L << 20).exec();
        equal("updateContainer", 128L << 20, docker.inspectContainerCmd(web).exec().getHostConfig().getMemory());
        docker.restartContainerCmd(web).withTimeout(0).exec();
        equal("restartContainer", "running", status(web));
        WaitContainerResultCallback end = docker.waitContainerCmd(web).exec(new WaitContainerResultCallback());
        docker.killContainerCmd(web).exec();
        equal("killContainer and waitContainer", 137, end.awaitStatusCode(20, TimeUnit.SECONDS));
        refused("stopContainer of what is stopped", NotModifiedException.class, () -> docker.stopContainerCmd(web).exec());
        docker.startContainerCmd(web).exec();
        docker.stopContainerCmd(web).withTimeout(0).exec();
        equal("stopContainer", "exited", status(web));
    }

    private String status(String container) {
        return docker.inspectContainerCmd(container).exec().getState().getStatus();
    }

    private void attached() throws Exception {
        String echo = create("sh", "-c", "read line; echo got $line").withStdinOpen(true).withStdInOnce(true).withAttachStdin(true).exec().getId();
        try (PipedOutputStream keyboard = new PipedOutputStream(); PipedInputStream input = new PipedInputStream(keyboard)) {
            Output output = docker.attachContainerCmd(echo).withStdOut(true).withFollowStream(true).withStdIn(input).exec(new Output());
            output.awaitStarted(20, TimeUnit.SECONDS);
            docker.startContainerCmd(echo).exec();
            keyboard.write("word\n".getBytes(StandardCharsets.UTF_8));
            keyboard.flush();
            equal("attachContainer", "got word\n", output(output, StreamType.STDOUT));
        }
        equal("waitContainer", 0, docker.waitContainerCmd(echo).exec(new WaitContainerResultCallback()).awaitStatusCode(20, TimeUnit.SECONDS));
        docker.removeContainerCmd(echo).exec();
    }

    private void events() throws Exception {
        BlockingQueue<Event> seen = new LinkedBlockingQueue<>();
        try (ResultCallback.Adapter<Event> watcher = docker.eventsCmd().withLabelFilter(MARK).withEventFilter("create", "die", "destroy").exec(into(seen))) {
            watcher.awaitStarted(20, TimeUnit.SECONDS);
            String once = create("true").withHostConfig(HostConfig.newHostConfig().withAutoRemove(true)).exec().getId();
            docker.startContainerCmd(once).exec();
            List<String> actions = IntStream.range(0, 3).mapToObj(i -> poll(seen).getAction()).toList();
            equal("events", List.of("create", "die", "destroy"), actions);
        }
        create("true").exec();
        that("prune", docker.pruneCmd(PruneType.CONTAINERS).withLabelFilter("berth.client=java").exec().getSpaceReclaimed() >= 0, "nothing");
        equal("listContainers after prune", List.of(), docker.listContainersCmd().withShowAll(true).withLabelFilter(MARK).exec());
    }

    private static <T> T poll(BlockingQueue<T> queue) {
        try {
            return queue.poll(20, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    private static <T> ResultCallback.Adapter<T> into(BlockingQueue<T> queue) {
        return new ResultCallback.Adapter<>() {
            @Override
            public void onNext(T item) {
                queue.add(item);
            }
        };
    }

    /** Puts the frames of each stream together. */
    private static final class Output extends ResultCallback.Adapter<Frame> {
        private final Map<StreamType, ByteArrayOutputStream> streams = new TreeMap<>();

        @Override
        public synchronized void onNext(Frame frame) {
            streams.computeIfAbsent(frame.getStreamType(), type -> new ByteArrayOutputStream()).writeBytes(frame.getPayload());
        }

        synchronized String text(StreamType type) {
            return streams.getOrDefault(type, new ByteArrayOutputStream()).toString(StandardCharsets.UTF_8);
        }
    }

    private static String output(Output output, StreamType type) throws InterruptedException {
        that("a stream that ends", output.awaitCompletion(20, TimeUnit.SECONDS), output.streams);
        return output.text(type);
    }

    private static byte[] packed(String name, String content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            TarArchiveEntry entry = new TarArchiveEntry(name);
            entry.setMode(0100640);
            entry.setUserId(1000);
            entry.setSize(content.length());
            tar.putArchiveEntry(entry);
            tar.write(content.getBytes(StandardCharsets.UTF_8));
            tar.closeArchiveEntry();
        }
        return bytes.toByteArray();
    }

    private static Map<String, String> unpacked(InputStream archive) throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (TarArchiveInputStream tar = new TarArchiveInputStream(archive)) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                files.put(entry.getName(), text(tar));
            }
        }
        return files;
    }

    private static String text(InputStream stream) throws IOException {
        return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
}
