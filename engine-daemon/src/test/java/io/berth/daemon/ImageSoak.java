package io.berth.daemon;

import static io.berth.daemon.ImagesTest.encoded;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.berth.store.registry.TestRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * Clients that do everything with the same few images at once: pull, load, import, tag, remove, prune, list, inspect and run them, and one
 * that does nothing but prune. The images share layers in every combination, so that each removal takes what others are about to need;
 * what is pulled are the same images as those that are loaded, under other names. Nobody keeps a model of what should be
 * there; what is asked is that every answer is one that makes sense, and that every container sees all the files of its image.
 */
final class ImageSoak {

    /** Each image has some of these above its ground, which it tells by their letters. */
    private static final String LAYERS = "abcdef";
    private static final int IMAGES = 12;
    private static final int TAGS = 8;

    /** Something a client does, with a connection of its own. */
    private interface Visit {
        void make(RawHttp http, Random random) throws IOException;
    }

    /** @param served the digest under which the registry has it, as {@code @sha256:…} */
    private record Subject(int number, String id, String letters, byte[] archive, String served) {}

    private final EngineUnderTest engine;
    private final String label;
    private final TestRegistry registry;
    private final long seed;
    private final List<Subject> subjects;
    private final Map<String, Visit> visits = new TreeMap<>();
    private final Map<String, Integer> made = new ConcurrentHashMap<>();
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();

    /** @param label of every image that is made */
    ImageSoak(EngineUnderTest engine, TestRegistry registry, String label, long seed) throws IOException {
        this.engine = engine;
        this.registry = registry;
        this.label = label;
        this.seed = seed;
        byte[] ground = TestImage.rootFileSystem();
        List<Subject> made = new ArrayList<>();
        for (int i = 0; i < IMAGES; i++) {
            made.add(subject(ground, new Random(i), i));
        }
        this.subjects = List.copyOf(made);
        visits.put("pull", this::pull);
        visits.put("pull and run", this::pullAndRun);
        visits.put("load", this::load);
        visits.put("import", this::importRoot);
        visits.put("tag", this::tag);
        visits.put("remove", this::remove);
        visits.put("remove by id", this::removeById);
        visits.put("prune", this::prune);
        visits.put("list", this::list);
        visits.put("inspect", this::inspect);
        visits.put("run", this::run);
        visits.put("run at once", this::loadAndRun);
        visits.put("measure", this::measure);
    }

    private Subject subject(byte[] ground, Random random, int number) throws IOException {
        ImageArchive image = number % 4 == 3 ? ImageArchive.of() : ImageArchive.of("soak:" + number % TAGS, "soak-" + number + ":latest");
        image.label(label, "").label("number", String.valueOf(number)).layer(ground);
        StringBuilder letters = new StringBuilder();
        for (char letter : LAYERS.toCharArray()) {
            if (random.nextBoolean() || letters.isEmpty() && letter == 'f') {
                image.file("letters/" + letter, String.valueOf(letter).getBytes(StandardCharsets.UTF_8));
                letters.append(letter);
            }
        }
        String served = "@" + image.put(registry, "soak", String.valueOf(number));
        return new Subject(number, image.id(), letters.toString(), image.bytes(), served);
    }

    /** Fails with everything that went wrong. */
    void run(int clients, Duration time) throws InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            Random random = new Random(seed + i);
            threads.add(Thread.ofPlatform().name("client-" + i).start(() -> client(random, end)));
        }
        threads.add(Thread.ofPlatform().name("pruner").start(() -> prunes(new Random(seed - 1), end)));
        for (Thread thread : threads) {
            thread.join();
        }
        if (!failures.isEmpty()) {
            AssertionError all = new AssertionError(failures.size() + " visits failed, seed " + seed + ": " + failures.peek().getMessage(), failures.poll());
            failures.forEach(all::addSuppressed);
            throw all;
        }
    }

    private void client(Random random, long end) {
        List<String> names = List.copyOf(visits.keySet());
        while (System.nanoTime() < end && failures.size() < 10) {
            visit(names.get(random.nextInt(names.size())), random);
        }
    }

    private void prunes(Random random, long end) {
        while (System.nanoTime() < end && failures.size() < 10) {
            visit("prune", random);
        }
    }

    private void visit(String name, Random random) {
        try (RawHttp http = engine.connect()) {
            visits.get(name).make(http, random);
            made.merge(name, 1, Integer::sum);
        } catch (IOException | RuntimeException | AssertionError failure) {
            failures.add(new AssertionError(name + ": " + failure, failure));
        }
    }

    /** How often each visit was made. */
    Map<String, Integer> made() {
        return new TreeMap<>(made);
    }

    private Subject any(Random random) {
        return subjects.get(random.nextInt(subjects.size()));
    }

    /** Any way to name one of the images, or none. */
    private String name(Random random) {
        Subject subject = any(random);
        return switch (random.nextInt(7)) {
            case 0 -> subject.id;
            case 1 -> subject.id.substring(7, 19);
            case 2 -> "soak-" + random.nextInt(IMAGES);
            case 3 -> pulled(subject, random);
            default -> "soak:" + random.nextInt(TAGS);
        };
    }

    private static RawHttp.Answer ask(RawHttp http, String method, String path, Set<Integer> allowed) throws IOException {
        RawHttp.Answer answer = http.request(method, path, "");
        assertTrue(allowed.contains(answer.status()), () -> method + ' ' + path + ": " + answer.status() + ' ' + answer.text());
        return answer;
    }

    /** A name by which it can be pulled. */
    private String pulled(Subject subject, Random random) {
        return registry.address() + "/soak" + (random.nextInt(3) == 0 ? subject.served : ":" + subject.number);
    }

    private void pull(RawHttp http, Random random) throws IOException {
        pull(http, pulled(any(random), random));
    }

    private static void pull(RawHttp http, String name) throws IOException {
        RawHttp.Answer answer = ask(http, "POST", "/v1.51/images/create?fromImage=" + name, Set.of(200));
        assertTrue(answer.text().contains("\"status\":\"Status: ") && !answer.text().contains("error"), answer::text);
    }

    private void pullAndRun(RawHttp http, Random random) throws IOException {
        Subject subject = any(random);
        pull(http, pulled(subject, random));
        run(http, subject);
    }

    private void load(RawHttp http, Random random) throws IOException {
        load(http, any(random));
    }

    private static void load(RawHttp http, Subject subject) throws IOException {
        RawHttp.Answer answer = http.request("POST", "/v1.51/images/load", Map.of("Content-Type", "application/x-tar"), subject.archive);
        assertTrue(answer.text().contains("Loaded image") && !answer.text().contains("error"), answer::text);
    }

    private void importRoot(RawHttp http, Random random) throws IOException {
        byte[] tar = ImageArchive.tar(Map.of("letters/" + LAYERS.charAt(random.nextInt(LAYERS.length())), new byte[100]));
        RawHttp.Answer answer = http.request("POST", "/v1.51/images/create?fromSrc=-&repo=soak&tag=" + random.nextInt(TAGS) + "&changes="
                + encoded("LABEL " + label + "=imported"), Map.of("Content-Type", "application/x-tar"), tar);
        assertTrue(answer.status() == 200 && !answer.text().contains("error"), answer::text);
    }

    private void tag(RawHttp http, Random random) throws IOException {
        ask(http, "POST", "/v1.51/images/" + name(random) + "/tag?repo=soak&tag=" + random.nextInt(TAGS), Set.of(201, 404));
    }

    private void remove(RawHttp http, Random random) throws IOException {
        String name = random.nextBoolean() ? "soak:" + random.nextInt(TAGS) : pulled(any(random), random);
        ask(http, "DELETE", "/v1.51/images/" + name + flags(random), Set.of(200, 404, 409));
    }

    private void removeById(RawHttp http, Random random) throws IOException {
        ask(http, "DELETE", "/v1.51/images/" + any(random).id + flags(random), Set.of(200, 404, 409));
    }

    private static String flags(Random random) {
        return "?force=" + random.nextInt(2) + "&noprune=" + random.nextInt(2);
    }

    private void prune(RawHttp http, Random random) throws IOException {
        String filters = "{\"label\":[\"" + label + "\"],\"dangling\":[\"" + (random.nextInt(8) != 0) + "\"]}";
        ask(http, "POST", "/v1.51/images/prune?filters=" + encoded(filters), Set.of(200, 409));
    }

    private void list(RawHttp http, Random random) throws IOException {
        String path = "/v1.51/images/json?all=1&shared-size=1&manifests=1&filters=" + encoded("{\"label\":[\"" + label + "\"]}");
        JsonNode images = ContainerTest.json(ask(http, "GET", path, Set.of(200)));
        Set<String> ids = StreamSupport.stream(images.spliterator(), false).map(image -> image.get("Id").asText()).collect(Collectors.toSet());
        assertEquals(images.size(), ids.size(), images::toString);
        if (engine.isReference()) {
            return; // its list is no moment's: a name that moves meanwhile may be there twice, or not at all
        }
        List<String> names = new ArrayList<>();
        images.forEach(image -> image.get("RepoTags").forEach(tag -> names.add(tag.asText())));
        assertEquals(names.size(), Set.copyOf(names).size(), () -> "a name of two images: " + names);
    }

    private void inspect(RawHttp http, Random random) throws IOException {
        Subject subject = any(random);
        RawHttp.Answer answer = ask(http, "GET", "/v1.51/images/" + subject.id + "/json", Set.of(200, 404));
        if (answer.status() == 200) {
            assertEquals(subject.letters.length() + 1, ContainerTest.json(answer).at("/RootFS/Layers").size());
        }
        ask(http, "GET", "/v1.51/images/" + name(random) + "/history", Set.of(200, 404));
    }

    private void loadAndRun(RawHttp http, Random random) throws IOException {
        Subject subject = any(random);
        load(http, subject);
        run(http, subject);
    }

    private void run(RawHttp http, Random random) throws IOException {
        run(http, any(random));
    }

    /** A container that was created has all files of its image, whatever becomes of the image. */
    private void run(RawHttp http, Subject subject) throws IOException {
        String body = "{\"Image\":\"" + subject.id + "\",\"Cmd\":[\"sh\",\"-c\",\"test $(cat /letters/*) = " + subject.letters
                + "\"],\"Labels\":{\"" + ContainerTest.MARK + "\":\"\"},\"HostConfig\":{\"NetworkMode\":\"none\"}}";
        RawHttp.Answer created = http.request("POST", "/v1.51/containers/create", body);
        assertTrue(Set.of(201, 404).contains(created.status()), created::text);
        if (created.status() == 201) {
            String container = "/v1.51/containers/" + ContainerTest.json(created).get("Id").asText();
            ask(http, "POST", container + "/start", Set.of(204));
            assertEquals(0, ContainerTest.json(ask(http, "POST", container + "/wait", Set.of(200))).get("StatusCode").asInt(), "a file is missing");
            ask(http, "DELETE", container + "?force=1", Set.of(204));
        }
    }

    private void measure(RawHttp http, Random random) throws IOException {
        JsonNode usage = ContainerTest.json(ask(http, "GET", "/v1.51/system/df", Set.of(200)));
        usage.get("Images").forEach(image -> assertTrue(image.get("SharedSize").asLong() <= image.get("Size").asLong(), image::toString));
    }
}
