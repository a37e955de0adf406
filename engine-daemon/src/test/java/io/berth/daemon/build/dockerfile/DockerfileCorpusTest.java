package io.berth.daemon.build.dockerfile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.berth.store.image.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Dockerfiles of the corpus, {@code src/test/resources/dockerfile}, each with what is to come of it beside it. With {@code -Ddockerfile.corpus=write}
 * the answers are written, to be read before they are kept.
 */
class DockerfileCorpusTest {

    private static final Path CORPUS = Path.of("src/test/resources/dockerfile");
    private static final BuildInputs INPUTS = new BuildInputs(Map.of("given", "by the client", "id", "two"), new Platform("linux", "arm64", "v8"),
            new Platform("linux", "amd64", ""), Optional.empty(), BuildInputs.NamedContexts.NONE);

    private interface Answer {
        String to(DockerfileSource source);
    }

    @TestFactory
    Stream<DynamicTest> goodOnesAreUnderstood() throws IOException {
        return all("good", source -> Listing.of(source, INPUTS, BaseImage.EMPTY));
    }

    @TestFactory
    Stream<DynamicTest> badOnesAreRefusedWithTheReferencesMessage() throws IOException {
        return all("bad", source -> {
            DockerfileLint.Report report = lint(source);
            DockerfileException refused = assertThrows(DockerfileException.class, () -> {
                throw report.error().orElseThrow();
            });
            return refused.getMessage() + "\n" + refused.excerpt();
        });
    }

    @TestFactory
    Stream<DynamicTest> unwiseOnesAreWarnedAbout() throws IOException {
        return all("checked", source -> lint(source).text());
    }

    private static DockerfileLint.Report lint(DockerfileSource source) {
        return DockerfileLint.of(source, BuildInputs.none(), (base, platform) -> BaseImage.EMPTY, Optional.empty());
    }

    private static Stream<DynamicTest> all(String kind, Answer answer) throws IOException {
        try (Stream<Path> files = Files.list(CORPUS.resolve(kind))) {
            List<Path> dockerfiles = files.filter(file -> file.toString().endsWith(".dockerfile")).sorted().toList();
            return dockerfiles.stream().map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> compare(file, answer)));
        }
    }

    private static void compare(Path file, Answer answer) throws IOException {
        String got = answer.to(DockerfileSource.of("Dockerfile", Files.readAllBytes(file)));
        Path expected = Path.of(file.toString().replace(".dockerfile", ".txt"));
        if ("write".equals(System.getProperty("dockerfile.corpus"))) {
            Files.writeString(expected, got);
        }
        assertEquals(Files.readString(expected), got);
    }
}
