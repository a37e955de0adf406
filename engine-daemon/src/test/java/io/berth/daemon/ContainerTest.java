package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;

/**
 * What the tests of containers share: one engine a class with the test image in it, and no container left between two tests.
 * Every container they make carries a label, because the engine under test may be somebody else's.
 */
@Tag("engine")
@Timeout(120)
abstract class ContainerTest {

    static final String IMAGE = "berth-test:latest";
    static final Duration PATIENCE = Duration.ofSeconds(20);
    static final String MARK = "berth.test";

    private static final ObjectMapper JSON = new ObjectMapper();

    static EngineUnderTest engine;

    @BeforeAll
    static void startEngine() {
        engine = EngineUnderTest.start();
        loadImage();
    }

    static void loadImage() {
        engine.docker().runWithInput(TestImage.archive(IMAGE), "load").succeeded();
    }

    @AfterEach
    void removeContainers() {
        List<String> left = docker("ps", "-aq", "--no-trunc", "--filter", "label=" + MARK).succeeded().lines().toList();
        if (!left.isEmpty()) {
            List<String> command = new ArrayList<>(List.of("rm", "-f"));
            command.addAll(left);
            // One that was started with --rm may be on its way out by itself.
            docker(command.toArray(String[]::new));
            Await.until("the containers to be removed", PATIENCE, () -> docker("ps", "-aq", "--filter", "label=" + MARK).succeeded().isEmpty(),
                    () -> docker("ps", "-a").out());
        }
    }

    @AfterAll
    static void stopEngine() {
        engine.close();
    }

    static Commands.Result docker(String... words) {
        return engine.docker().run(words);
    }

    /** {@code docker run} with the mark; the words are options, the image and its command. */
    static Commands.Result run(String... words) {
        return docker(marked("run", words));
    }

    /** {@code docker run -d}; the container's id. */
    static String runDetached(String... words) {
        List<String> all = new ArrayList<>(List.of("-d"));
        all.addAll(List.of(words));
        return run(all.toArray(String[]::new)).succeeded().strip();
    }

    /** What a script prints in a container of its own with these options. */
    static String inside(String script, String... options) {
        return script(script, options).succeeded().strip();
    }

    /** {@code docker run --rm OPTIONS IMAGE sh -c SCRIPT}. */
    static Commands.Result script(String script, String... options) {
        List<String> words = new ArrayList<>(List.of("--rm"));
        words.addAll(List.of(options));
        words.addAll(List.of(IMAGE, "sh", "-c", script));
        return run(words.toArray(String[]::new));
    }

    static String[] marked(String verb, String... words) {
        List<String> all = new ArrayList<>(List.of(verb, "--label", MARK));
        all.addAll(List.of(words));
        return all.toArray(String[]::new);
    }

    /** One value of {@code docker inspect} by a template such as {@code .State.ExitCode}. */
    static String inspect(String container, String template) {
        return docker("container", "inspect", "--format", "{{" + template + "}}", container).succeeded().strip();
    }

    static void awaitState(String container, String state) {
        Await.until(container + " to be " + state, PATIENCE, () -> inspect(container, ".State.Status").equals(state),
                () -> inspect(container, "json .State"));
    }

    static void awaitLog(String container, String text) {
        Await.until("\"" + text + "\" in the log", PATIENCE, () -> docker("logs", container).out().contains(text),
                () -> docker("logs", container).toString());
    }

    static void assertFails(int code, String message, Commands.Result result) {
        assertEquals(code, result.code(), result::toString);
        assertEquals(true, (result.out() + result.err()).contains(message), result::toString);
    }

    static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException invalid) {
            throw new UncheckedIOException("not JSON: " + text, invalid);
        }
    }

    static JsonNode json(RawHttp.Answer answer) {
        return json(answer.text());
    }

    /** The message of a refusal. */
    static String message(RawHttp.Answer answer) {
        return json(answer).path("message").asText();
    }
}
