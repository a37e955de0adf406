package io.berth.store.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.berth.store.content.StoreException;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Cases and texts as the reference engine 28.5 has them. */
class ImageReferenceTest {

    private static final String HEX = "a".repeat(64);

    @ParameterizedTest
    @CsvSource({
        "busybox, docker.io/library/busybox, busybox",
        "busybox:1.37, docker.io/library/busybox:1.37, busybox:1.37",
        "me/app, docker.io/me/app, me/app",
        "docker.io/busybox, docker.io/library/busybox, busybox",
        "index.docker.io/library/busybox:x, docker.io/library/busybox:x, busybox:x",
        "library/a/b, docker.io/library/a/b, library/a/b",
        "localhost/app:Tag, localhost/app:Tag, localhost/app:Tag",
        "host:5000/a/b_c__d-e.f, host:5000/a/b_c__d-e.f, host:5000/a/b_c__d-e.f",
        "[::1]:5000/x, [::1]:5000/x, [::1]:5000/x",
        "Host/app, Host/app, Host/app",
        "ghcr.io/a/b:v1, ghcr.io/a/b:v1, ghcr.io/a/b:v1",
    })
    void namesAreCompletedAndShortenedAgain(String text, String complete, String familiar) {
        ImageReference reference = ImageReference.parse(text);
        assertEquals(complete, reference.toString());
        assertEquals(familiar, reference.familiar());
        assertEquals(reference, ImageReference.parse(complete));
    }

    @ParameterizedTest
    @CsvSource({
        "'', invalid reference format",
        "a:b:c, invalid reference format",
        "-a, invalid reference format",
        "a//b, invalid reference format",
        "a/, invalid reference format",
        "a:, invalid reference format",
        "a@sha256:12, invalid reference format",
        "a..b, invalid reference format",
        "a b, invalid reference format",
        "../a, invalid reference format",
        "Foo, invalid reference format: repository name (library/Foo) must be lowercase",
        "a/B:c, invalid reference format: repository name (a/B) must be lowercase",
    })
    void whatIsNoNameIsRefusedInTheReferencesWords(String text, String message) {
        assertEquals(message, refusal(text));
    }

    private static String refusal(String text) {
        return assertThrows(StoreException.class, () -> ImageReference.parse(text)).getMessage();
    }

    @Test
    void aDigestHasToBeOneAndARepositoryShort() {
        assertEquals("invalid checksum digest format", refusal("a@sha256:" + HEX.toUpperCase(Locale.ROOT)));
        assertEquals("invalid checksum digest length", refusal("a@sha256:" + HEX + "a"));
        assertEquals("unsupported digest algorithm", refusal("a@md5:" + "a".repeat(32)));
        assertEquals("repository name must not be more than 255 characters", refusal("x".repeat(248)));
        assertEquals("x".repeat(247), ImageReference.parse("x".repeat(247)).familiar());
        assertEquals("localhost/" + "x".repeat(255), ImageReference.parse("localhost/" + "x".repeat(255)).familiar());
    }

    @Test
    void aDigestMakesTheTagMeaningless() {
        ImageReference both = ImageReference.parse("a:1@sha256:" + HEX);
        assertEquals("a:1@sha256:" + HEX, both.familiar());
        assertEquals("a@sha256:" + HEX, both.key().familiar());
        assertEquals("a:latest", ImageReference.parse("a").key().familiar());
    }

    @Test
    void anIdIsNoName() {
        StoreException refused = assertThrows(StoreException.class, () -> ImageReference.parse(HEX));
        assertEquals("invalid repository name (" + HEX + "), cannot specify 64-byte hexadecimal strings", refused.getMessage());
    }
}
