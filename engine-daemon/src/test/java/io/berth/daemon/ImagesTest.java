package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Looking at images: list with its filters, inspect, history, and names. What is not said otherwise is the reference's answer. */
class ImagesTest extends ImageTest {

    private static final ImageArchive A = archive("it-a:1", "it-a:2", "reg.example:5000/team/it:v1").label("x", "1").label("y", "2")
            .file("a", "a".repeat(3000).getBytes(StandardCharsets.UTF_8));
    private static final ImageArchive B = archive("it-b:1").label("x", "2").created("2026-02-01T00:00:00Z")
            .file("a", "a".repeat(3000).getBytes(StandardCharsets.UTF_8)).file("b", new byte[500]);
    private static final ImageArchive C = archive().created("2026-03-01T00:00:00Z").file("c", new byte[700]);

    @BeforeAll
    static void loadImages() {
        load(A);
        load(B);
        load(C);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{} | C B A",
        "'dangling':['true'] | C",
        "'dangling':['1'] | C",
        "'dangling':{'false':true} | B A",
        "'dangling':['true'],'reference':['it-*'] | ",
        "'label':['x'] | B A",
        "'label':['x=1'] | A",
        "'label':['x=1','y'] | A",
        "'label':['x=1','x=2'] | ",
        "'before':['it-b:1'] | A",
        "'before':['it-a:1','it-b:1'] | ",
        "'since':['it-a:1'] | C B",
        "'since':['it-a:1','it-b:1'] | C",
        "'since':['it-a:1'],'before':['it-b:1'] | ",
        "'reference':['it-a'] | A",
        "'reference':['it-a:1','it-b'] | B A",
        "'reference':['it-*'] | B A",
        "'reference':['it-?:1'] | B A",
        "'reference':['it-[ab]:2'] | A",
        "'reference':['it-[^a]'] | B",
        "'reference':['it\\\\-a'] | A",
        "'reference':['reg.example:5000/*/*'] | A",
        "'reference':['reg.example:5000/team/it'] | A",
        "'reference':['reg.example:5000/**'] | ",
        "'reference':['team/it'] | ",
        "'reference':['it-a:{1,2}'] | ",
        "'reference':['docker.io/library/it-a'] | ",
        "'until':['2026-01-15'] | A",
        "'until':['2026-02-01T00:00:00Z'] | A",
        "'until':['1769904000.5'] | B A",
        "'until':['2026-01-15T00:00:00.5+01:00'] | A",
        "'until':['2026-02-15T00:00','1h'] | B A",
        "'until':['1h'] | C B A",
        "'until':['100000h'] | ",
    })
    void listShowsWhatTheFiltersMeanTheNewestFirst(String filters, String expected) {
        String found = list(filters).stream().map(ImagesTest::letter).collect(Collectors.joining(" "));
        assertEquals(expected == null ? "" : expected, found);
    }

    private static String letter(JsonNode image) {
        return Map.of(A.id(), "A", B.id(), "B", C.id(), "C").getOrDefault(image.get("Id").asText(), "?");
    }

    private static List<JsonNode> list(String filters) {
        String inner = filters.equals("{}") ? "" : filters.replace('\'', '"');
        // Another engine has more images than those of this test.
        String label = inner.startsWith("\"dangling\":{") ? "\"label\":{\"" + RUN + "\":true}" : "\"label\":[\"" + RUN + "\"]";
        String mine = inner.contains("\"label\":[") ? inner.replace("\"label\":[", "\"label\":[\"" + RUN + "\",")
                : (inner.isEmpty() ? "" : inner + ",") + label;
        List<JsonNode> images = new ArrayList<>();
        answer(200, "GET", "/v1.51/images/json?filters=" + encoded("{" + mine + "}")).forEach(images::add);
        return images;
    }

    @Test
    void aFilterByNameShowsNoOtherNames() {
        assertEquals("[\"it-a:1\"]", list("'reference':['it-a:1']").getFirst().get("RepoTags").toString());
        assertEquals("[\"it-a:1\",\"it-a:2\",\"reg.example:5000/team/it:v1\"]", list("'label':['y']").getFirst().get("RepoTags").toString());
    }

    /** The reference answers some of these with 500. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{'foo':['x']} | invalid filter 'foo'",
        "{'label!':['x']} | invalid filter 'label!'",
        "{'dangling':['x']} | invalid filter 'dangling=[x]'",
        "{'dangling':['true','false']} | invalid filter 'dangling=[true false]'",
        "{'until':['x']} | failed to parse value as time or duration: \"x\"",
        "{'until':['']} | failed to parse value as time or duration: \"\"",
        "{'reference':['it-a[']} | syntax error in pattern",
        "{'before':['no-such-image']} | No such image: no-such-image:latest",
        "{'since':['@@']} | invalid reference format",
        "{'label':['x'],'dangling':{'true':true}} | invalid filter",
        "{ | invalid filter",
        "[] | invalid filter",
    })
    void aFilterThatMeansNothingIsRefused(String filters, String message) {
        RawHttp.Answer answer = engine.get("/v1.51/images/json?filters=" + encoded(filters.replace('\'', '"')));
        int status = message.startsWith("No such") ? 404 : 400;
        boolean crude = filters.contains("until") || filters.contains("reference");
        assertEquals(engine.isReference() && crude ? 500 : status, answer.status(), answer::text);
        assertEquals(message, message(answer));
    }

    @Test
    void everyVersionOfTheApiHasItsOwnForm() {
        String dangling = "&filters=" + encoded("{\"label\":[\"" + RUN + "\"],\"dangling\":[\"true\"]}");
        JsonNode oldest = answer(200, "GET", "/v1.42/images/json?all=1" + dangling).get(0);
        assertEquals("[\"<none>:<none>\"][\"<none>@<none>\"]", oldest.get("RepoTags").toString() + oldest.get("RepoDigests"));
        assertEquals(700, oldest.get("VirtualSize").asLong());
        assertEquals(-1, oldest.get("Containers").asInt());
        JsonNode older = answer(200, "GET", "/v1.43/images/json?all=1" + dangling).get(0);
        assertEquals("[][]700", older.get("RepoTags").toString() + older.get("RepoDigests") + older.get("VirtualSize"));
        JsonNode newest = answer(200, "GET", "/v1.51/images/json?all=1" + dangling).get(0);
        assertEquals(0, newest.get("Containers").asInt());
        assertFalse(newest.has("VirtualSize"));
        JsonNode named = answer(200, "GET", "/v1.40/images/json?filter=it-b:1").get(0);
        assertEquals(B.id() + "null[\"it-b:1\"]", named.get("Id").asText() + named.get("RepoDigests") + named.get("RepoTags"));
        assertTrue(answer(200, "GET", "/v1.41/images/json?filter=no-such-image").size() >= 2, "from 1.41 on the parameter means nothing");
    }

    @Test
    void sharedSizeIsThatOfTheLayersWhichAnotherImageHas() {
        String both = encoded("{\"reference\":[\"it-?:1\"]}");
        answer(200, "GET", "/v1.51/images/json?shared-size=1&filters=" + both).forEach(image -> assertEquals(3000, image.get("SharedSize").asLong()));
        answer(200, "GET", "/v1.51/images/json?filters=" + both).forEach(image -> assertEquals(-1, image.get("SharedSize").asLong()));
        answer(200, "GET", "/v1.41/images/json?shared-size=1&filters=" + both).forEach(image -> assertEquals(-1, image.get("SharedSize").asLong()));
    }

    @Test
    void containersAreCounted() {
        docker(marked("create", "it-b:1", "x")).succeeded();
        assertEquals(1, list("'reference':['it-b']").getFirst().get("Containers").asInt());
    }

    @Test
    void inspectHasTheFormOfTheVersionThatAsks() {
        JsonNode newest = answer(200, "GET", "/v1.51/images/it-a:1/json");
        assertEquals(A.id(), newest.get("Id").asText());
        assertEquals(3000, newest.get("Size").asLong());
        assertEquals(A.chains().getFirst(), newest.at("/RootFS/Layers/0").asText());
        assertEquals("overlay2", newest.at("/GraphDriver/Name").asText());
        for (String absent : List.of("VirtualSize", "ContainerConfig", "Identity", "Manifests", "Container")) {
            assertFalse(newest.has(absent), absent);
        }
        assertFalse(newest.get("Config").has("Hostname"));
        assertTrue(answer(200, "GET", "/v1.49/images/it-a:1/json").get("Config").has("Hostname"));
        assertFalse(answer(200, "GET", "/v1.45/images/it-a:1/json").has("ContainerConfig"));
        assertTrue(answer(200, "GET", "/v1.44/images/it-a:1/json").get("ContainerConfig").has("Hostname"));
        assertEquals(3000, answer(200, "GET", "/v1.43/images/it-a:1/json").get("VirtualSize").asLong());
    }

    @Test
    void theTimeOfTheLastTagIsThatOfSomebodyWhoTagged() {
        load(archive("it-tagged:1").file("t", new byte[10]));
        assertEquals("0001-01-01T00:00:00Z", answer(200, "GET", "/v1.51/images/it-tagged:1/json").at("/Metadata/LastTagTime").asText());
        answer(201, "POST", "/v1.51/images/it-tagged:1/tag?repo=it-tagged&tag=2");
        String time = answer(200, "GET", "/v1.51/images/it-tagged:2/json").at("/Metadata/LastTagTime").asText();
        assertTrue(time.compareTo("2026") > 0, time);
        if (!engine.isReference()) {
            engine.stop();
            engine.startDaemon();
            assertEquals(time, answer(200, "GET", "/v1.51/images/it-tagged:2/json").at("/Metadata/LastTagTime").asText());
        }
        docker("rmi", "it-tagged:1", "it-tagged:2").succeeded();
    }

    @Test
    void aPlatformHasToBeTheImages() {
        String here = "{\"os\":\"linux\",\"architecture\":\"" + architecture() + "\"}";
        String other = "{\"os\":\"linux\",\"architecture\":\"riscv64\"}";
        String mismatch = "image with reference it-a:1 was found but its platform (linux/" + architecture()
                + ") does not match the specified platform (linux/riscv64)";
        for (String path : List.of("/v1.51/images/it-a:1/json?platform=", "/v1.51/images/it-a:1/history?platform=")) {
            assertEquals(200, engine.get(path + encoded(here)).status());
            assertEquals(200, engine.get(path).status());
            refused(404, mismatch, "GET", path + encoded(other));
            refused(400, "failed to parse platform: invalid character 'l' looking for beginning of value", "GET", path + "linux/amd64");
            refused(400, "failed to parse platform: unexpected end of JSON input", "GET", path + encoded("{"));
            refused(400, "both OS and Architecture must be provided", "GET", path + encoded("{\"os\":\"linux\"}"));
        }
        assertEquals(200, engine.get("/v1.48/images/it-a:1/json?platform=x").status(), "1.48 did not know it");
        assertEquals(200, engine.get("/v1.47/images/it-a:1/history?platform=x").status());
        refused(400, "conflicting options: manifests and platform options cannot both be set", "GET",
                "/v1.51/images/it-a:1/json?manifests=1&platform=" + encoded(here));
        assertEquals(200, engine.get("/v1.51/images/it-a:1/json?manifests=1").status());
    }

    @ParameterizedTest
    @CsvSource({
        "nope, 404, No such image: nope:latest",
        "nope:1, 404, No such image: nope:1",
        "Foo, 400, invalid reference format: repository name (library/Foo) must be lowercase",
        "it-a:, 400, invalid reference format",
        "sha256:abc, 404, No such image: sha256:abc",
        "sha256:, 400, invalid reference format",
        "it-a@sha256:abc, 400, invalid reference format",
        "-x, 400, invalid reference format",
        "docker.io, 404, No such image: docker.io:latest",
        "1111111111111111111111111111111111111111111111111111111111111111, 404, "
                + "No such image: sha256:1111111111111111111111111111111111111111111111111111111111111111",
    })
    void whatNamesNoImageIsRefusedInTheReferencesWords(String name, int status, String message) {
        refused(status, message, "GET", "/v1.51/images/" + name + "/json");
        refused(status, message, "GET", "/v1.51/images/" + name + "/history");
        refused(status, message, "DELETE", "/v1.51/images/" + name);
    }

    @Test
    void everySpellingOfAnImageLeadsToIt() {
        for (String name : List.of("docker.io/library/it-a:1", "docker.io/it-a:1", "index.docker.io/it-a:1", "library/it-a:1", A.id(),
                A.id().substring(7), A.id().substring(7, 19), A.id().substring(0, 19))) {
            assertEquals(A.id(), answer(200, "GET", "/v1.51/images/" + name + "/json").get("Id").asText(), name);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "repo=T | invalid reference format: repository name (library/T) must be lowercase",
        "repo=it-t&tag=a:b | invalid tag format",
        "repo=it-t&tag=- | invalid tag format",
        "repo=it-t@sha256:1111111111111111111111111111111111111111111111111111111111111111 | cannot import digest reference",
        "repo=1111111111111111111111111111111111111111111111111111111111111111 | invalid repository name"
                + " (1111111111111111111111111111111111111111111111111111111111111111), cannot specify 64-byte hexadecimal strings",
        "repo=sha256:abc | refusing to create an ambiguous tag using digest algorithm as name",
        "repo=docker.io/library/sha256&tag=1 | refusing to create an ambiguous tag using digest algorithm as name",
        "repo=a//b | invalid reference format",
        "repo=localhost/T | invalid reference format: repository name (T) must be lowercase",
    })
    void aTagThatIsNoneIsRefused(String query, String message) {
        refused(400, message, "POST", "/v1.51/images/it-a:1/tag?" + query);
    }

    @Test
    void aTagGoesFromOneImageToAnother() {
        answer(201, "POST", "/v1.51/images/it-a:1/tag?repo=it-moves:x&tag=y");
        answer(201, "POST", "/v1.51/images/" + B.id().substring(7, 15) + "/tag?repo=docker.io/library/it-moves&tag=y");
        assertEquals(B.id(), answer(200, "GET", "/v1.51/images/it-moves:y/json").get("Id").asText());
        refused(404, "No such image: nope:latest", "POST", "/v1.51/images/nope/tag?repo=z");
        answer(200, "DELETE", "/v1.51/images/it-moves:y");
    }

    private static String architecture() {
        return System.getProperty("os.arch").replace("x86_64", "amd64").replace("aarch64", "arm64");
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
