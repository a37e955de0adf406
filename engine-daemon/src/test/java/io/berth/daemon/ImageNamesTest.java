package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What images may be called, and what they are called then: the same table for every engine. */
class ImageNamesTest extends ImageTest {

    private static final String SOURCE = "names-source:1";
    private static final String DIGITS = "a".repeat(64);

    @BeforeAll
    static void loadSource() {
        load(archive(SOURCE).file("f", new byte[10]));
    }

    @ParameterizedTest
    @CsvSource({
        "n-x, n-x:latest", "n-x:1.37, n-x:1.37", "me/n-x, me/n-x:latest", "docker.io/n-x, n-x:latest", "docker.io/library/n-x, n-x:latest",
        "index.docker.io/n-x, n-x:latest", "index.docker.io/library/n-x:x, n-x:x", "index.docker.io/me/n-x, me/n-x:latest",
        "library/n-x, n-x:latest", "library/a/n-x, library/a/n-x:latest", "docker.io/a/b/n-x, a/b/n-x:latest",
        "registry-1.docker.io/library/n-x, registry-1.docker.io/library/n-x:latest", "docker.io:443/n-x, docker.io:443/n-x:latest",
        "localhost/n-x, localhost/n-x:latest", "localhost:5000/n-x, localhost:5000/n-x:latest", "localhost, localhost:latest",
        "Host/n-x, Host/n-x:latest", "HOST.com/n-x, HOST.com/n-x:latest", "host:5000/n-x, host:5000/n-x:latest",
        "host:65536/n-x, host:65536/n-x:latest", "[::1]/n-x, [::1]/n-x:latest", "[::1]:5000/n-x, [::1]:5000/n-x:latest",
        "127.0.0.1/n-x, 127.0.0.1/n-x:latest", "127.0.0.1:5000/x/n-x, 127.0.0.1:5000/x/n-x:latest", "a.b/n-x, a.b/n-x:latest",
        "a_b/n-x, a_b/n-x:latest", "docker.io, docker.io:latest", "n__x, n__x:latest", "n---x, n---x:latest", "n-x:_x, n-x:_x",
        "n-x:X, n-x:X", "a:1/n-x, a:1/n-x:latest", "1:1, 1:1", "0.0.0.0:1, 0.0.0.0:1", "x/sha256:1, x/sha256:1",
        "xn--7o8h.com/n-x:xn--7o8h.com, xn--7o8h.com/n-x:xn--7o8h.com", "a/b/c/d/e/f/g/n-x, a/b/c/d/e/f/g/n-x:latest",
    })
    void aNameIsKeptAsPeopleKnowIt(String name, String familiar) {
        answer(201, "POST", tag(name));
        assertEquals(List.of(familiar), names());
        answer(200, "DELETE", "/v1.51/images/" + ImagesTest.encoded(name));
        assertEquals(List.of(), names());
    }

    static Stream<String> longNames() {
        return Stream.of("x".repeat(247), "y/" + "x".repeat(253), "localhost/" + "x".repeat(255), "n-x:" + "x".repeat(128), "a".repeat(63),
                "b/" + DIGITS, "g".repeat(64), DIGITS + ":1");
    }

    @ParameterizedTest
    @MethodSource("longNames")
    void aNameMayBeLong(String name) {
        answer(201, "POST", tag(name));
        assertEquals(List.of(name.contains(":") ? name : name + ":latest"), names());
        answer(200, "DELETE", "/v1.51/images/" + ImagesTest.encoded(name.contains(":") ? name : name + ":latest"));
    }

    static Stream<String[]> noNames() {
        return Stream.of("host:/a", "host:abc/a", "[fe80::1%25eth0]/x", "[::g]/x", "::1/x", "-a/c", "a-/c", "a-.b/c", "docker.io/", "a___b", "a.-b", "a..b",
                        "a_-b", ".a", "a.", "_a", "a_", "a:", "a:b:c", "a:.x", "a:-x", "n-x:" + "x".repeat(129), "a/b:c/d", "a//b", "/a", "a/", "a b", "é",
                        "http://a/b", "a@b", "a@sha256:12", "☃.com/foo", "a^a")
                .map(name -> new String[] {name, "invalid reference format"});
    }

    static Stream<String[]> refusals() {
        String lower = "invalid reference format: repository name (%s) must be lowercase";
        return Stream.of(new String[] {"Foo", lower.formatted("library/Foo")}, new String[] {"foo/Bar", lower.formatted("foo/Bar")},
                new String[] {"host.com/App", lower.formatted("App")}, new String[] {"A".repeat(64), lower.formatted("library/" + "A".repeat(64))},
                new String[] {"x".repeat(248), "repository name must not be more than 255 characters"},
                new String[] {DIGITS, "invalid repository name (" + DIGITS + "), cannot specify 64-byte hexadecimal strings"},
                new String[] {"a@sha256:" + DIGITS, "cannot import digest reference"}, new String[] {"a:1@sha256:" + DIGITS, "cannot import digest reference"},
                new String[] {"a@sha256:" + "A".repeat(64), "invalid checksum digest format"},
                new String[] {"a@sha256:" + "a".repeat(63), "invalid checksum digest length"},
                new String[] {"a@sha256:" + "a".repeat(65), "invalid checksum digest length"},
                new String[] {"a@md5:" + "a".repeat(32), "unsupported digest algorithm"}, new String[] {"a@foo+bar:" + DIGITS, "unsupported digest algorithm"},
                new String[] {"sha256:x", "refusing to create an ambiguous tag using digest algorithm as name"});
    }

    @ParameterizedTest
    @MethodSource({"noNames", "refusals"})
    void whatIsNoNameIsRefusedInTheReferencesWords(String name, String message) {
        refused(400, message, "POST", tag(name));
        assertEquals(List.of(), names());
    }

    private static String tag(String name) {
        return "/v1.51/images/" + SOURCE + "/tag?repo=" + ImagesTest.encoded(name);
    }

    /** The names of the image but that of the test. */
    private static List<String> names() {
        return StreamSupport.stream(answer(200, "GET", "/v1.51/images/" + SOURCE + "/json").get("RepoTags").spliterator(), false)
                .map(name -> name.asText()).filter(name -> !name.equals(SOURCE)).toList();
    }
}
