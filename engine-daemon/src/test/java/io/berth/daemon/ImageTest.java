package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;

/** What the tests of images share: images with a label of the run, because the engine under test may have others, and none left behind. */
abstract class ImageTest extends ContainerTest {

    /** The label of every image the tests make. */
    static final String RUN = "berth.test.images";

    static ImageArchive archive(String... names) {
        return ImageArchive.of(names).label(RUN, "");
    }

    /** Loads an image under its names; its id. */
    static String load(ImageArchive archive) {
        try (RawHttp http = engine.connect()) {
            RawHttp.Answer answer = http.request("POST", "/v1.51/images/load", Map.of("Content-Type", "application/x-tar"), archive.bytes());
            assertTrue(answer.text().contains("Loaded image"), answer::text);
            return archive.id();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** The JSON of an answer with this status. */
    static JsonNode answer(int status, String method, String path) {
        RawHttp.Answer answer = engine.request(method, path, "");
        assertEquals(status, answer.status(), () -> method + ' ' + path + ": " + answer.text());
        return answer.body().length == 0 ? json("null") : json(answer);
    }

    static void refused(int status, String message, String method, String path) {
        assertEquals(message, answer(status, method, path).path("message").asText());
    }

    @AfterAll
    static void removeImages() {
        docker("images", "-aq", "--no-trunc", "--filter", "label=" + RUN).succeeded().lines().distinct()
                .forEach(image -> docker("rmi", "-f", image));
    }
}
