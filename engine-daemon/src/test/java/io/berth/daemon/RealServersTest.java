package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** nginx, PostgreSQL and redis as Debian ships them, which talk by name over a network of their own and through published ports. */
@Tag("engine")
@Timeout(300)
class RealServersTest {

    private static final Duration START = Duration.ofSeconds(60);
    private static EngineUnderTest engine;
    private static DockerCli docker;

    @BeforeAll
    static void startTheServers() {
        engine = EngineUnderTest.start();
        docker = engine.docker();
        ServersImage.on(engine);
        docker.run("network", "create", "shop").succeeded();
        run("db", "--network-alias", "database", "-p", "5432", ServersImage.NAME, "sh", "-c", ServersImage.POSTGRES);
        run("cache", "-p", "127.0.0.1::6379", ServersImage.NAME, "sh", "-c", ServersImage.REDIS);
        run("web", ServersImage.NAME, "sh", "-c", ServersImage.nginxThatSays("hello from web"));
        run("proxy", "-p", "8081:80", ServersImage.NAME, "sh", "-c", ServersImage.nginxBefore("web"));
        Await.until("PostgreSQL to answer", START, () -> inShop("pg_isready", "-h", "database").code() == 0, () -> docker.run("logs", "db").toString());
        Await.until("redis to answer", START, () -> inShop("redis-cli", "-h", "cache", "ping").code() == 0, () -> docker.run("logs", "cache").toString());
        Await.until("nginx to answer", START, () -> inShop("curl", "-fsS", "http://proxy/").code() == 0, () -> docker.run("logs", "proxy").toString());
    }

    @AfterAll
    static void remove() {
        if (docker != null) {
            docker.run("rm", "-f", "db", "cache", "web", "proxy", "other");
            docker.run("network", "rm", "shop", "elsewhere");
            engine.close();
        }
    }

    private static void run(String name, String... rest) {
        String[] words = new String[rest.length + 6];
        System.arraycopy(new String[] {"run", "-d", "--name", name, "--network", "shop"}, 0, words, 0, 6);
        System.arraycopy(rest, 0, words, 6, rest.length);
        docker.run(words).succeeded();
    }

    private static Commands.Result in(String network, String... command) {
        String[] words = new String[command.length + 5];
        System.arraycopy(new String[] {"run", "--rm", "--network", network, ServersImage.NAME}, 0, words, 0, 5);
        System.arraycopy(command, 0, words, 5, command.length);
        return docker.run(words);
    }

    private static Commands.Result inShop(String... command) {
        return in("shop", command);
    }

    private static String hostPort(String container, String port) {
        return docker.run("port", container, port).succeeded().lines().findFirst().orElseThrow().replaceFirst(".*:", "");
    }

    @Test
    void theyFindEachOtherByNameAndByAlias() {
        assertEquals("42\n", inShop("psql", "-h", "database", "-U", "postgres", "-Atc", "select 41 + 1").succeeded());
        assertEquals("42\n", inShop("psql", "-h", "db", "-U", "postgres", "-Atc", "select 41 + 1").succeeded());
        assertEquals("PONG\n", inShop("redis-cli", "-h", "cache", "ping").succeeded());
        assertEquals("hello from web", inShop("curl", "-fsS", "http://proxy/").succeeded());
    }

    @Test
    void theHostReachesThemThroughTheirPublishedPorts() {
        assertEquals("42\n", in("host", "psql", "-h", "127.0.0.1", "-p", hostPort("db", "5432"), "-U", "postgres", "-Atc", "select 41 + 1").succeeded());
        assertEquals("PONG\n", in("host", "redis-cli", "-h", "127.0.0.1", "-p", hostPort("cache", "6379"), "ping").succeeded());
        assertEquals("hello from web", in("host", "curl", "-fsS", "http://127.0.0.1:8081/").succeeded());
        assertEquals("hello from web", in("host", "curl", "-fsS", "http://[::1]:8081/").succeeded());
    }

    @Test
    void anotherNetworkNeitherFindsNorReachesThem() {
        docker.run("network", "create", "elsewhere").succeeded();
        String address = docker.run("inspect", "-f", "{{.NetworkSettings.Networks.shop.IPAddress}}", "cache").succeeded().strip();
        Commands.Result byName = in("elsewhere", "redis-cli", "-h", "cache", "ping");
        assertTrue(byName.code() != 0 && byName.err().contains("resolution"), byName.toString());
        assertEquals(28, in("elsewhere", "curl", "-sS", "--connect-timeout", "1", "http://" + address + ":6379/").code(), "curl's code for a time-out");
        docker.run("network", "rm", "elsewhere").succeeded();
    }

    @Test
    void aServerThatMovesToAnotherAddressIsFoundThere() {
        String before = docker.run("inspect", "-f", "{{.NetworkSettings.Networks.shop.IPAddress}}", "web").succeeded().strip();
        docker.run("network", "disconnect", "shop", "web").succeeded();
        run("other", ServersImage.NAME, "sleep", "60"); // in its place
        docker.run("network", "connect", "--alias", "shopfront", "shop", "web").succeeded();
        docker.run("rm", "-f", "other").succeeded();
        String after = docker.run("inspect", "-f", "{{.NetworkSettings.Networks.shop.IPAddress}}", "web").succeeded().strip();
        assertTrue(!after.equals(before), after);
        assertEquals("hello from web", inShop("curl", "-fsS", "http://shopfront/").succeeded());
        Await.until("the proxy to follow", START, () -> inShop("curl", "-fsS", "--max-time", "2", "http://proxy/").code() == 0, () -> docker.run("logs", "proxy").toString());
    }

    @Test
    void anOpenConnectionThroughAPublishedPortOutlivesTheDaemon() throws IOException {
        engine.requireBerth("kills the daemon");
        String script = "exec 3<>/dev/tcp/127.0.0.1/" + hostPort("cache", "6379")
                + "; while read -r line; do printf '%s\\r\\n' \"$line\" >&3; read -r -t 5 answer <&3; echo \"$answer\"; done";
        Process client = new ProcessBuilder(engine.enterHost(List.of("bash", "-c", script))).redirectErrorStream(true).start();
        try (OutputStream in = client.getOutputStream();
                BufferedReader out = new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8))) {
            assertEquals("+PONG", asked(in, out));
            engine.kill();
            assertEquals("+PONG", asked(in, out));
            engine.startDaemon();
            assertEquals("+PONG", asked(in, out));
            assertEquals("hello from web", inShop("curl", "-fsS", "http://web/").succeeded());
            Map<String, String> states = new TreeMap<>();
            docker.run("ps", "--format", "{{.Names}} {{.State}}").succeeded().lines().forEach(line -> states.put(line.split(" ")[0], line.split(" ")[1]));
            assertEquals(Map.of("cache", "running", "db", "running", "proxy", "running", "web", "running"), states);
        } finally {
            client.destroyForcibly();
        }
    }

    private static String asked(OutputStream in, BufferedReader out) {
        try {
            in.write("PING\n".getBytes(StandardCharsets.UTF_8));
            in.flush();
            return String.valueOf(out.readLine()).strip();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
