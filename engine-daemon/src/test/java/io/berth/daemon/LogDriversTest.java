package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Where {@code --log-driver} and {@code --log-opt} send a container's output. */
class LogDriversTest extends ContainerTest {

    @Test
    void theJsonFileIsALineOfJsonForEachLineOfOutput() throws IOException {
        String id = ended("printf 'tab\\t<&> \\303\\244 \\033[1m \"\\\\\\n\\nno end'; sleep 0.1; echo err >&2");
        List<JsonNode> lines = lines(id);
        assertEquals(List.of("tab\t<&> \u00e4 \u001b[1m \"\\\n", "\n", "err\n", "no end"), lines.stream().map(line -> line.get("log").asText()).toList());
        assertEquals(List.of("stdout", "stdout", "stderr", "stdout"), lines.stream().map(line -> line.get("stream").asText()).toList());
        assertTrue(lines.getFirst().get("time").asText().matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z"));
        assertTrue(Files.readString(file(id)).startsWith("{\"log\":\"tab\\u0009\\u003c\\u0026\\u003e \u00e4 \\u001b[1m \\\"\\\\\\n\",\"stream\":\"stdout\",\"time\":\""));
    }

    @Test
    void aLongLineIsSeveralRecordsWithoutNewline() throws IOException {
        String id = ended("head -c 40000 /dev/zero | tr '\\0' x; echo; head -c 16384 /dev/zero | tr '\\0' y; echo");
        assertEquals(List.of(16384, 16384, 7233, 16384, 1), lines(id).stream().map(line -> line.get("log").asText().length()).toList());
    }

    @Test
    void bytesThatAreNoTextComeBackByteForByte() throws IOException {
        engine.requireBerth("the reference's json-file holds U+FFFD in their place");
        String id = ended("i=0; while [ $i -lt 256 ]; do printf \"\\\\$(printf %o $i)\"; i=$((i+1)); done; echo; printf '\\377\\376 no end'");
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < 256; i++) {
            all.write(i);
        }
        all.writeBytes("\n\u00ff\u00fe no end".getBytes(StandardCharsets.ISO_8859_1));
        assertEquals(all.toString(StandardCharsets.ISO_8859_1),
                new String(engine.docker().start("logs", id).getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1));
        assertTrue(lines(id).getLast().get("log").asText().contains("\ufffd"));
    }

    @Test
    void aFileOfItsSizeBecomesTheFirstOfTheOldOnes() throws IOException {
        String id = ended("seq -w 1 1000", "--log-opt", "max-size=20k", "--log-opt", "max-file=3");
        String numbers = docker("logs", id).succeeded();
        assertTrue(numbers.endsWith("0999\n1000\n"), numbers);
        assertEquals(1000 - numbers.lines().count() + 1, Integer.parseInt(numbers.lines().findFirst().orElseThrow()));
        assertTrue(numbers.lines().count() > 400 && numbers.lines().count() < 1000, numbers.lines().count() + " lines");
        Path file = file(id);
        for (Path each : List.of(file, Path.of(file + ".1"), Path.of(file + ".2"))) {
            assertTrue(Files.size(each) <= 20 * 1024 + 100, each + " has " + Files.size(each));
        }
        assertFalse(Files.exists(Path.of(file + ".3")));
        assertEquals("0998\n0999\n1000\n", docker("logs", "--tail", "3", id).succeeded());
    }

    @Test
    void aSizeAloneMeansOneFileOfIt() throws IOException {
        String id = ended("seq -w 1 1000", "--log-opt", "max-size=20k");
        assertFalse(Files.exists(Path.of(file(id) + ".1")));
        assertTrue(docker("logs", id).succeeded().endsWith("1000\n"));
    }

    @Test
    void aFollowerLosesNothingWhenFilesAreRotated() {
        String id = runDetached("--log-opt", "max-size=20k", "--log-opt", "max-file=200", IMAGE, "sh", "-c", "i=0; while [ $i -lt 40 ]; do seq -w 1 100; sleep 0.01; i=$((i+1)); done");
        List<String> followed = docker("logs", "-f", id).succeeded().lines().toList();
        List<String> all = docker("logs", id).succeeded().lines().toList();
        assertEquals(4000, all.size());
        assertEquals(all, followed);
    }

    @Test
    void detailsAreLabelsVariablesAndATag() throws IOException {
        String id = ended("echo one", "-l", "a=1", "-l", "b.c=x y", "-l", "other=1", "-e", "FOO=bar/baz", "--name", "log-details",
                "--log-opt", "labels=a,b.c,nosuch", "--log-opt", "env=FOO", "--log-opt", "tag={{.Name}}+{{.ImageName}}");
        assertEquals("FOO=bar%2Fbaz,a=1,b.c=x+y,tag=log-details%2Bberth-test%3Alatest one\n", docker("logs", "--details", id).succeeded());
        assertEquals("one\n", docker("logs", id).succeeded());
        assertEquals("{\"FOO\":\"bar/baz\",\"a\":\"1\",\"b.c\":\"x y\",\"tag\":\"log-details+berth-test:latest\"}", lines(id).getFirst().get("attrs").toString());
        assertEquals(" plain\n", docker("logs", "--details", ended("echo plain")).succeeded());
    }

    @Test
    void theLocalDriverKeepsLogsWithoutAPathToRead() {
        String id = ended("echo out; echo err >&2; printf 'no end'", "--log-driver", "local");
        assertEquals("out\nno end", docker("logs", id).succeeded());
        assertEquals("", inspect(id, ".LogPath"));
        assertEquals("local", inspect(id, ".HostConfig.LogConfig.Type"));
    }

    @Test
    void withoutADriverThereIsNoLog() {
        assertEquals("seen\n", run("--rm", "--log-driver", "none", IMAGE, "echo", "seen").succeeded());
        String id = ended("echo unseen", "--log-driver", "none");
        RawHttp.Answer answer = engine.get("/v1.51/containers/" + id + "/logs?stdout=1");
        assertEquals(501, answer.status());
        assertEquals("configured logging driver does not support reading", message(answer));
        assertEquals("", inspect(id, ".LogPath"));
    }

    @Test
    void optionsOfOtherDriversAreRefusedByName() {
        assertFails(1, "unknown log opt 'foo' for json-file log driver", docker(marked("create", "--log-opt", "foo=1", IMAGE)));
        assertFails(1, "unknown log opt 'labels' for log driver local", docker(marked("create", "--log-driver", "local", "--log-opt", "labels=a", IMAGE)));
        assertFails(1, "plugin \"nosuch\" not found", docker(marked("create", "--log-driver", "nosuch", IMAGE)));
        if (!engine.isReference()) { // it looks at them when the container is started
            assertFails(1, "the log option \"compress\" is not supported", docker(marked("create", "--log-opt", "compress=1", IMAGE)));
            assertFails(1, "parsing \"maybe\": invalid syntax", docker(marked("create", "--log-opt", "compress=maybe", IMAGE)));
        }
    }

    private static Path file(String id) {
        return Path.of(inspect(id, ".LogPath"));
    }

    private static List<JsonNode> lines(String id) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        Files.readAllLines(file(id)).forEach(line -> lines.add(json(line)));
        return lines;
    }

    private static String ended(String script, String... options) {
        List<String> words = new ArrayList<>(List.of(options));
        words.addAll(List.of(IMAGE, "sh", "-c", script));
        String id = runDetached(words.toArray(String[]::new));
        docker("wait", id).succeeded();
        return id;
    }
}
