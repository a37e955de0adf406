package io.berth.daemon.clients;

import static io.berth.daemon.clients.Checks.equal;
import static io.berth.daemon.clients.Checks.refused;
import static io.berth.daemon.clients.Checks.that;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.Container;
import org.testcontainers.containers.ContainerLaunchException;
import org.testcontainers.containers.ExecConfig;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.output.OutputFrame;
import org.testcontainers.containers.output.ToStringConsumer;
import org.testcontainers.containers.output.WaitingConsumer;
import org.testcontainers.containers.startupcheck.OneShotStartupCheckStrategy;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.lifecycle.Startables;
import org.testcontainers.utility.MountableFile;

/** What users of Testcontainers do every day: {@code TestcontainersScenario SOCKET IMAGE_ARCHIVE}, with DOCKER_HOST set to the socket, TESTCONTAINERS_HOST_OVERRIDE to 127.0.0.1, and Ryuk off. */
public final class TestcontainersScenario {

    private static final String IMAGE = "berth-test:latest";
    private static final Map<String, String> MARK = Map.of("berth.test", "", "berth.client", "testcontainers");

    private TestcontainersScenario() {
    }

    public static void main(String[] arguments) throws Exception {
        try (InputStream packed = Files.newInputStream(Path.of(arguments[1]))) {
            DockerClientFactory.lazyClient().loadImageCmd(packed).exec();
        }
        that("isDockerAvailable", DockerClientFactory.instance().isDockerAvailable(), "no");
        equal("getInfo", "linux", DockerClientFactory.instance().getInfo().getOsType());
        server();
        oneShots();
        waits();
        several();
        equal("nothing is left", List.of(), DockerClientFactory.lazyClient().listContainersCmd().withShowAll(true).withLabelFilter(MARK).exec());
        System.exit(0);
    }

    /** Closed by those who make it. */
    private static GenericContainer<?> container(String script) {
        return new GenericContainer<>(IMAGE).withCommand("sh", "-c", script).withLabels(MARK).withStartupTimeout(Duration.ofSeconds(20));
    }

    private static void server() throws Exception {
        Path file = Files.createTempFile("sent", ".txt");
        Files.writeString(file, "from a file\n");
        try (GenericContainer<?> web = container("echo trouble >&2; echo up; httpd -f -h /www -p 80")
                .withCopyToContainer(Transferable.of("served\n"), "/www/index.html")
                .withCopyFileToContainer(MountableFile.forHostPath(file, 0640), "/www/file.txt")
                .withEnv("K", "v").withWorkingDirectory("/tmp").withTmpFs(Map.of("/scratch", "size=1m")).withExposedPorts(80)
                .withCreateContainerCmdModifier(create -> create.withHostName("tested"))
                .waitingFor(Wait.forHttp("/").forStatusCode(200))) {
            web.start();
            that("start, waiting for HTTP", web.isRunning(), web.getCurrentContainerInfo());
            equal("withCopyToContainer", "served\n", page(web, ""));
            equal("withCopyFileToContainer", "from a file\n", page(web, "file.txt"));
            that("getMappedPort", web.getMappedPort(80) > 0, web.getPortBindings());
            equal("getFirstMappedPort", web.getMappedPort(80), web.getFirstMappedPort());
            equal("getHost", "127.0.0.1", web.getHost());
            Container.ExecResult result = web.execInContainer("sh", "-c", "echo $K $(pwd) $(hostname); echo err >&2; exit 3");
            equal("execInContainer", "v /tmp tested\n", result.getStdout());
            equal("execInContainer's errors", "err\n", result.getStderr());
            equal("execInContainer's exit code", 3, result.getExitCode());
            equal("execInContainer as a user", "1000\n", web.execInContainer(ExecConfig.builder().user("1000").command(new String[] {"id", "-u"}).build()).getStdout());
            that("withTmpFs", web.execInContainer("grep", "/scratch", "/proc/mounts").getStdout().startsWith("tmpfs /scratch tmpfs"), "no");
            equal("getLogs", "up\n", web.getLogs(OutputFrame.OutputType.STDOUT));
            equal("getLogs of errors", "trouble\n", web.getLogs(OutputFrame.OutputType.STDERR));
            web.copyFileToContainer(Transferable.of("later\n"), "/www/later.txt");
            equal("copyFileToContainer", "later\n", page(web, "later.txt"));
            equal("copyFileFromContainer", "later\n", web.copyFileFromContainer("/www/later.txt",
                    stream -> new String(stream.readAllBytes(), StandardCharsets.UTF_8)));
            refused("copyFileFromContainer of nothing", Exception.class, () -> web.copyFileFromContainer("/none", InputStream::readAllBytes));
            that("getContainerInfo", web.getContainerInfo().getState().getRunning(), web.getContainerInfo());
            equal("getEnvMap", "v", web.getEnvMap().get("K"));
            web.stop();
            that("stop", !web.isRunning(), "it runs");
        } finally {
            Files.delete(file);
        }
    }

    private static String page(GenericContainer<?> web, String name) throws IOException {
        try (InputStream page = URI.create("http://" + web.getHost() + ":" + web.getMappedPort(80) + "/" + name).toURL().openStream()) {
            return new String(page.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static void oneShots() {
        ToStringConsumer output = new ToStringConsumer();
        try (GenericContainer<?> once = container("seq 3").withStartupCheckStrategy(new OneShotStartupCheckStrategy()).withLogConsumer(output)) {
            once.start();
            equal("start of one that ends", "1\n2\n3\n", once.getLogs());
        }
        try (GenericContainer<?> failing = container("exit 3").withStartupCheckStrategy(new OneShotStartupCheckStrategy())) {
            refused("start of one that fails", ContainerLaunchException.class, () -> {
                failing.start();
                return "started";
            });
        }
    }

    private static void waits() throws Exception {
        try (GenericContainer<?> late = container("sleep 0.3; echo now ready; exec sleep 1000").waitingFor(Wait.forLogMessage(".*now ready.*", 1))) {
            late.start();
            equal("start, waiting for the log", "now ready\n", late.getLogs());
            WaitingConsumer waiting = new WaitingConsumer();
            late.followOutput(waiting, OutputFrame.OutputType.STDOUT);
            waiting.waitUntil(frame -> frame.getUtf8String().contains("now ready"), 20, java.util.concurrent.TimeUnit.SECONDS);
            that("followOutput", true, "");
        }
        try (GenericContainer<?> listening = container("sleep 0.2; exec httpd -f -p 8080").withExposedPorts(8080).waitingFor(Wait.forListeningPort())) {
            listening.start();
            that("start, waiting for the port", listening.isRunning(), "no");
        }
        try (GenericContainer<?> command = container("sleep 0.2; touch /ready; exec sleep 1000").waitingFor(Wait.forSuccessfulCommand("test -e /ready"))) {
            command.start();
            that("start, waiting for a command", command.isRunning(), "no");
        }
        try (GenericContainer<?> never = container("echo what went wrong; exec sleep 1000").waitingFor(Wait.forLogMessage(".*never.*", 1))
                .withStartupTimeout(Duration.ofSeconds(1))) {
            refused("start, waiting in vain", ContainerLaunchException.class, () -> {
                never.start();
                return "started";
            });
        }
    }

    private static void several() {
        List<GenericContainer<?>> all = Stream.of("one", "two", "three").<GenericContainer<?>>map(name -> container("echo " + name + "; exec sleep 1000")
                .waitingFor(Wait.forLogMessage(name + ".*", 1))).toList();
        Startables.deepStart(all).join();
        equal("deepStart", List.of("one\n", "two\n", "three\n"), all.stream().map(GenericContainer::getLogs).toList());
        all.forEach(GenericContainer::close);
        that("close", all.stream().noneMatch(GenericContainer::isCreated), "created");
    }
}
