package io.berth.daemon;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

/** What the tests of networks share: none that a test has made is left. All their names begin with the same letters. */
abstract class NetworkTest extends ContainerTest {

    static final String A = "berth-test-a";
    static final String B = "berth-test-b";

    @AfterEach
    void removeNetworks() {
        removeContainers();
        // a template goes after those that were made after it
        for (int round = 0; round < 2; round++) {
            List<String> left = docker("network", "ls", "-q", "--no-trunc", "--filter", "name=berth-test").succeeded().lines().toList();
            left.forEach(network -> docker("network", "rm", network));
        }
    }

    /** Makes a network; its id. */
    static String network(String name, String... options) {
        List<String> words = new ArrayList<>(List.of("network", "create"));
        words.addAll(List.of(options));
        words.add(name);
        return docker(words.toArray(String[]::new)).succeeded().strip();
    }

    static JsonNode shown(String network) {
        return json(engine.get("/v1.51/networks/" + network));
    }

    /** What inspect has of a container in a network. */
    static JsonNode endpoint(String container, String network) {
        return json(engine.get("/v1.51/containers/" + container + "/json")).path("NetworkSettings").path("Networks").path(network);
    }

    /** The names of a container's networks. */
    static List<String> networksOf(String container) {
        List<String> names = new ArrayList<>();
        json(engine.get("/v1.51/containers/" + container + "/json")).path("NetworkSettings").path("Networks").fieldNames().forEachRemaining(names::add);
        return names.stream().sorted().toList();
    }

    static RawHttp.Answer post(String path, String json) {
        return engine.request("POST", "/v1.51" + path, json);
    }

    static String answer(RawHttp.Answer answer) {
        return answer.status() + " " + (answer.text().isBlank() ? "" : message(answer));
    }

    /** A container that stays, with the mark; the words are options. */
    static String started(String name, String... options) {
        List<String> words = new ArrayList<>(List.of("--name", name));
        words.addAll(List.of(options));
        words.addAll(List.of(IMAGE, "sleep", "1000"));
        return runDetached(words.toArray(String[]::new));
    }

    static String created(String name, String... options) {
        List<String> words = new ArrayList<>(List.of("--name", name));
        words.addAll(List.of(options));
        words.addAll(List.of(IMAGE, "sleep", "1000"));
        return docker(marked("create", words.toArray(String[]::new))).succeeded().strip();
    }

    static String exec(String container, String script) {
        return docker("exec", container, "sh", "-c", script).succeeded().strip();
    }
}
