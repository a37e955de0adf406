package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Removing images, one by one and by prune, with what it answers and tells. */
class ImageRemovalTest extends ImageTest {

    private static final byte[] GROUND = ImageArchive.tar(Map.of("ground", new byte[9000]));

    @AfterEach
    void removeImagesOfTheTest() {
        removeContainers();
        removeImages();
    }

    /** {@code U:name} and {@code D:digest} of what an answer lists. */
    private static List<String> steps(JsonNode answer) {
        List<String> steps = new ArrayList<>();
        answer.forEach(step -> steps.add(step.has("Untagged") ? "U:" + step.get("Untagged").asText() : "D:" + step.get("Deleted").asText()));
        return steps;
    }

    private static List<String> removed(String path) {
        return steps(answer(200, "DELETE", "/v1.51/images/" + path));
    }

    private static List<String> deleted(ImageArchive image) {
        return Stream.concat(Stream.of(image.id()), image.chains().reversed().stream()).map(digest -> "D:" + digest).toList();
    }

    private static List<String> join(List<String> first, List<String> second) {
        return Stream.concat(first.stream(), second.stream()).toList();
    }

    /** Actions of images since a time, with their actor. */
    private static List<String> events(String since) {
        String now = now();
        return engine.get("/v1.51/events?since=" + since + "&until=" + now + "&filters=" + ImagesTest.encoded("{\"type\":[\"image\"]}")).text().lines()
                .filter(line -> !line.isBlank()).map(ContainerTest::json)
                .map(event -> event.get("Action").asText() + ' ' + event.at("/Actor/ID").asText()).toList();
    }

    private static String now() {
        java.time.Instant now = java.time.Instant.now();
        return now.getEpochSecond() + "." + String.format("%09d", now.getNano());
    }

    @Test
    void theLastNameTakesTheImageAndItsLayersAlong() {
        ImageArchive image = archive("ir-a:1", "ir-a:2", "ir-b:1").layer(GROUND).file("top", new byte[100]);
        load(image);
        String before = now();
        assertEquals(List.of("U:ir-a:1"), removed("ir-a:1"));
        refused(409, "conflict: unable to delete " + image.id().substring(7, 19) + " (must be forced) - image is referenced in multiple repositories",
                "DELETE", "/v1.51/images/" + image.id());
        assertEquals(List.of("U:ir-a:2"), removed("ir-a:2"));
        assertEquals(join(List.of("U:ir-b:1"), deleted(image)), removed("ir-b:1"));
        String id = image.id();
        assertEquals(List.of("untag " + id, "untag " + id, "untag " + id, "delete " + id), events(before));
    }

    @Test
    void anIdTakesAllNamesAlongWhenForced() {
        ImageArchive image = archive("ir-a:1", "ir-b:1").layer(GROUND);
        load(image);
        assertEquals(join(List.of("U:ir-a:1", "U:ir-b:1"), deleted(image)), removed(image.id().substring(7, 19) + "?force=1"));
    }

    @Test
    void layersOfAnotherImageStay() {
        ImageArchive one = archive("ir-a:1").layer(GROUND).file("one", new byte[100]);
        ImageArchive two = archive("ir-b:1").layer(GROUND).file("two", new byte[100]);
        load(one);
        load(two);
        assertEquals(join(List.of("U:ir-a:1"), deleted(one).subList(0, 2)), removed("ir-a:1"));
        assertEquals(join(List.of("U:ir-b:1"), deleted(two)), removed("ir-b:1?noprune=1"));
    }

    @Test
    void aContainerHoldsItsImageInTheReferencesWords() {
        ImageArchive image = archive("ir-a:1", "ir-a:2").layer(GROUND);
        load(image);
        String container = docker(marked("create", "ir-a:1", "x")).succeeded().strip().substring(0, 12);
        String brief = image.id().substring(7, 19);
        assertEquals(List.of("U:ir-a:1"), removed("ir-a:1"));
        refused(409, "conflict: unable to remove repository reference \"ir-a:2\" (must force) - container " + container
                + " is using its referenced image " + brief, "DELETE", "/v1.51/images/ir-a:2");
        refused(409, "conflict: unable to delete " + brief + " (must be forced) - image is being used by stopped container " + container,
                "DELETE", "/v1.51/images/" + image.id());
        assertEquals(List.of("U:ir-a:2", "D:" + image.id()), removed("ir-a:2?force=1"));
        refused(404, "No such image: " + image.id(), "GET", "/v1.51/images/" + image.id() + "/json");
    }

    @Test
    void aRunningContainerHoldsItsImageAgainstAllForce() {
        load(archive("ir-a:1").layer(TestImage.rootFileSystem()));
        String container = runDetached("ir-a:1", "sleep", "1000").substring(0, 12);
        String id = answer(200, "GET", "/v1.51/images/ir-a:1/json").get("Id").asText();
        refused(409, "conflict: unable to delete " + id.substring(7, 19) + " (cannot be forced) - image is being used by running container " + container,
                "DELETE", "/v1.51/images/" + id + "?force=1");
        assertEquals(List.of("U:ir-a:1"), removed("ir-a:1?force=1"));
        assertEquals(200, engine.get("/v1.51/images/" + id + "/json").status());
    }

    @Test
    void aParentGoesWithItsLastChildUnlessAskedNotTo() {
        ImageArchive parent = archive("ir-a:1").layer(GROUND);
        load(parent);
        String container = docker(marked("create", "ir-a:1", "x")).succeeded().strip();
        String child = docker("commit", container, "ir-c:1").succeeded().strip();
        docker("rm", container).succeeded();
        assertEquals(List.of("U:ir-a:1"), removed("ir-a:1"));
        refused(409, "conflict: unable to delete " + parent.id().substring(7, 19) + " (cannot be forced) - image has dependent child images",
                "DELETE", "/v1.51/images/" + parent.id() + "?force=1");
        List<String> gone = removed("ir-c:1");
        assertEquals(List.of("U:ir-c:1", "D:" + child), gone.subList(0, 2));
        assertTrue(gone.containsAll(deleted(parent)), gone::toString);
    }

    @Test
    void aPlatformThatIsAskedForHasToBeTheImages() {
        ImageArchive image = archive("ir-a:1").layer(GROUND);
        load(image);
        String machine = System.getProperty("os.arch").replace("x86_64", "amd64").replace("aarch64", "arm64");
        String here = "platforms=" + ImagesTest.encoded("{\"os\":\"linux\",\"architecture\":\"" + machine + "\"}");
        refused(400, "multiple platforms are not supported", "DELETE", "/v1.51/images/ir-a:1?" + here + '&' + here);
        refused(400, "failed to parse platform: invalid character 'l' looking for beginning of value", "DELETE", "/v1.51/images/ir-a:1?platforms=linux/amd64");
        refused(400, "failed to parse platform: unexpected end of JSON input", "DELETE", "/v1.51/images/ir-a:1?platforms=");
        refused(404, "image with reference ir-a:1 was found but its platform (linux/" + machine + ") does not match the specified platform (linux/s390x)",
                "DELETE", "/v1.51/images/ir-a:1?platforms=" + ImagesTest.encoded("{\"os\":\"linux\",\"architecture\":\"s390x\"}"));
        refused(404, "No such image: nope:latest", "DELETE", "/v1.51/images/nope?" + here);
        assertEquals(join(List.of("U:ir-a:1"), deleted(image)), removed("ir-a:1?" + here));
    }

    private static JsonNode prune(String filters) {
        String inner = filters.replace('\'', '"');
        String mine = inner.contains("\"label\":[") ? inner.replace("\"label\":[", "\"label\":[\"" + RUN + "\",")
                : (inner.isEmpty() ? "" : inner + ",") + "\"label\":[\"" + RUN + "\"]";
        return answer(200, "POST", "/v1.51/images/prune?filters=" + ImagesTest.encoded("{" + mine + "}"));
    }

    @Test
    void pruneRemovesWhatIsMeantAndNothingThatIsUsed() {
        load(archive("ir-a:1", "ir-b:1").layer(GROUND));
        ImageArchive used = archive("ir-c:1", "ir-d:1").label("kind", "used").file("c", new byte[100]);
        load(used);
        ImageArchive old = archive().label("kind", "old").file("old", new byte[100]);
        load(old);
        ImageArchive young = archive().label("kind", "young").created("2026-03-01T00:00:00Z").file("young", new byte[5000]);
        load(young);
        docker(marked("create", "ir-c:1", "x")).succeeded();
        assertTrue(prune("'until':['100000h']").get("ImagesDeleted").isNull());
        assertTrue(prune("'label':['kind=none']").get("ImagesDeleted").isNull());
        assertEquals(deleted(old), steps(prune("'until':['2026-02-01'],'label!':['kind=young']").get("ImagesDeleted")));
        String before = now();
        JsonNode answer = prune("");
        assertEquals(deleted(young), steps(answer.get("ImagesDeleted")));
        assertTrue(answer.get("SpaceReclaimed").asLong() >= 5000, answer::toString);
        assertEquals(List.of("delete " + young.id(), "prune "), events(before));
        assertEquals(0, prune("").get("SpaceReclaimed").asLong());
        List<String> rest = steps(prune("'dangling':['false']").get("ImagesDeleted"));
        assertTrue(rest.containsAll(List.of("U:ir-a:1", "U:ir-b:1")), rest::toString);
        assertEquals(200, engine.get("/v1.51/images/" + used.id() + "/json").status());
        if (!engine.isReference()) { // which takes names of an image in use, all but the last
            assertEquals("[ir-c:1 ir-d:1]", docker("image", "inspect", "--format", "{{.RepoTags}}", used.id()).succeeded().strip());
        }
    }

    @Test
    void aPruneThatMeansNothingIsRefused() {
        for (Map.Entry<String, String> bad : Map.of("{\"foo\":[\"x\"]}", "invalid filter 'foo'", "{\"reference\":[\"x\"]}", "invalid filter 'reference'",
                "{\"dangling\":[\"x\"]}", "invalid filter 'dangling=[x]'", "{\"until\":[\"x\"]}", "failed to parse value as time or duration: \"x\"",
                "{\"until\":[\"1h\",\"2h\"]}", "more than one until filter specified").entrySet()) {
            boolean crude = engine.isReference() && bad.getKey().contains("until");
            refused(crude ? 500 : 400, bad.getValue(), "POST", "/v1.51/images/prune?filters=" + ImagesTest.encoded(bad.getKey()));
        }
    }

    @Test
    void onePruneAtATime() throws InterruptedException {
        for (int i = 0; i < 30; i++) {
            load(archive().label("n", String.valueOf(i)).file("f" + i, new byte[100]));
        }
        Collection<RawHttp.Answer> answers = new ConcurrentLinkedQueue<>();
        CountDownLatch ready = new CountDownLatch(8);
        List<Thread> clients = Stream.generate(() -> Thread.ofPlatform().start(() -> {
            try (RawHttp http = engine.connect()) {
                ready.countDown();
                ready.await();
                answers.add(http.request("POST", "/v1.51/images/prune?filters=" + ImagesTest.encoded("{\"label\":[\"" + RUN + "\"]}"), ""));
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        })).limit(8).toList();
        for (Thread client : clients) {
            client.join();
        }
        assertEquals(8, answers.size());
        assertEquals(30, answers.stream().filter(answer -> answer.status() == 200)
                .flatMap(answer -> steps(json(answer).get("ImagesDeleted")).stream()).filter(step -> step.startsWith("D:")).collect(Collectors.toSet())
                .size() / 2);
        answers.stream().filter(answer -> answer.status() != 200).forEach(answer -> {
            assertEquals(409, answer.status(), answer::text);
            assertEquals("a prune operation is already running", message(answer));
        });
    }

    @Test
    void systemPruneGoesThrough() {
        engine.requireBerth("prunes what others may need");
        load(archive().file("x", new byte[100]));
        String out = docker("system", "prune", "-f").succeeded();
        assertTrue(out.contains("Deleted Images:"), out);
        assertTrue(out.contains("Total reclaimed space: "), out);
        assertTrue(docker("system", "prune", "-af", "--volumes").succeeded().contains("Total reclaimed space: "));
        loadImage();
    }
}
