package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Containers that are reached through ports of their host, which here is the network namespace of the test. */
@Tag("engine")
@Timeout(120)
class PublishedPortTest {

    @Test
    void aPublishedPortAnswersOnTheHostsAddressesAndBetweenContainers() {
        try (EngineUnderTest engine = EngineUnderTest.start()) {
            engine.requireBerth("connects from inside the engine's network namespace");
            DockerCli docker = engine.docker();
            docker.runWithInput(TestImage.archive("berth-test:latest"), "load").succeeded();
            docker.run("run", "-d", "--name", "web", "-p", "8080:80", "-p", "127.0.0.1::81", "berth-test",
                    "sh", "-c", "mkdir /www; echo hello > /www/index.html; httpd -h /www -p 81; httpd -f -h /www -p 80").succeeded();
            assertEquals("0.0.0.0:8080", docker.run("port", "web", "80/tcp").succeeded().lines().findFirst().orElseThrow());
            String random = docker.run("port", "web", "81/tcp").succeeded().strip();
            assertTrue(random.matches("127\\.0\\.0\\.1:\\d+"), random);
            String address = docker.run("inspect", "-f", "{{.NetworkSettings.Networks.bridge.IPAddress}}", "web").succeeded().strip();
            String gateway = docker.run("inspect", "-f", "{{.NetworkSettings.Networks.bridge.Gateway}}", "web").succeeded().strip();
            awaitHello(engine, "127.0.0.1", 8080);
            awaitHello(engine, gateway, 8080);
            awaitHello(engine, "127.0.0.1", Integer.parseInt(random.replaceFirst(".*:", "")));
            awaitHello(engine, address, 80);
            assertEquals("hello\n", docker.run("run", "--rm", "berth-test", "wget", "-qO-", address).succeeded());
            Commands.Result taken = docker.run("run", "--rm", "-p", "8080:80", "berth-test", "true");
            assertEquals(125, taken.code());
            assertTrue(taken.err().contains("port is already allocated"), taken.err());
            docker.run("rm", "-f", "web").succeeded();
            assertEquals("", engine.network().get("127.0.0.1", 8080));
        }
    }

    private static void awaitHello(EngineUnderTest engine, String address, int port) {
        Await.until(address + ':' + port + " to answer", Duration.ofSeconds(10), () -> engine.network().get(address, port).equals("hello\n"),
                () -> engine.network().get(address, port));
    }
}
