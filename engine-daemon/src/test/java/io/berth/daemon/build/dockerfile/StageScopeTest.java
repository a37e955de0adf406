package io.berth.daemon.build.dockerfile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StageScopeTest {

    private final Checks checks = new Checks(CheckRules.USUAL);

    private StageScope scope(String text, BaseImage image, Optional<IgnoreFile> ignored) {
        StageGraph graph = StageGraph.of(Dockerfile.parse(new DockerfileSource("Dockerfile", text), checks), BuildInputs.none(), checks);
        StageScope scope = StageScope.on(image, graph, graph.target(), checks, ignored);
        graph.target().instructions().forEach(scope::expand);
        return scope;
    }

    @Test
    void whatTheImageSetsIsKnown() {
        StageScope scope = scope("FROM image\nENV A=$FROM_IMAGE\nWORKDIR sub\n", new BaseImage(List.of("FROM_IMAGE=x=y"), "/srv", false, List.of()),
                Optional.empty());
        assertEquals("x=y", scope.environment().get("A"));
        assertEquals("/srv/sub", scope.workingDirectory());
        assertEquals("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", scope.environment().get("PATH"));
    }

    @Test
    void aTriggerOfAnImageIsReadAsAnInstruction() {
        Instruction.Copy copy = assertInstanceOf(Instruction.Copy.class, Dockerfile.trigger("COPY <<EOF /x\nhello\nEOF", new LineRange(3, 4)));
        assertEquals("hello\n", copy.files().contents().getFirst().text());
        assertEquals(new LineRange(3, 4), copy.origin().lines());
    }

    @Test
    void aScriptWithItsOwnInterpreterIsAProgramAndAnotherIsTheShells() {
        assertEquals(Optional.of("#!/bin/x\ny\n"), command("RUN <<EOF\n#!/bin/x\ny\nEOF\n").program().map(Heredoc::text));
        assertEquals(List.of("sh", "-c", "y\n"), command("RUN <<-EOF\n\ty\n\tEOF\n").with(List.of("sh", "-c")));
        assertEquals(List.of("sh", "-c", "cat <<A <<B\na\nA\nb\nB"), command("RUN cat <<A <<B\na\nA\nb\nB\n").with(List.of("sh", "-c")));
        assertEquals(List.of("x"), command("RUN [\"x\"]\n").with(List.of("sh", "-c")));
    }

    private CommandLine command(String run) {
        Dockerfile file = Dockerfile.parse(new DockerfileSource("Dockerfile", "FROM scratch\n" + run), checks);
        return assertInstanceOf(Instruction.Run.class, file.stages().getFirst().instructions().getFirst()).command();
    }

    @Test
    void whatTheContextLeavesOutIsWarnedOfWhenItIsCopied() {
        scope("FROM scratch\nCOPY docs/a /\nADD ./docs /\nCOPY other /\nCOPY . /\n", BaseImage.EMPTY, Optional.of(IgnoreFile.parse("docs\n")));
        assertEquals(List.of("Attempting to Copy file \"docs/a\" that is excluded by .dockerignore",
                "Attempting to Add file \"docs\" that is excluded by .dockerignore"), checks.warnings().stream().map(Checks.Warning::message).toList());
    }

    @Test
    void nothingIsSaidOfAContextWithExceptionsAndTheWholeOfAnEmptyOneIs() {
        scope("FROM scratch\nCOPY docs/a /\n", BaseImage.EMPTY, Optional.of(IgnoreFile.parse("docs\n!docs/a\n")));
        assertEquals(List.of(), checks.warnings());
        scope("FROM scratch\nCOPY . /\n", BaseImage.EMPTY, Optional.of(IgnoreFile.parse("**\n")));
        assertEquals(List.of(Check.COPY_IGNORED_FILE), checks.warnings().stream().map(Checks.Warning::check).toList());
    }
}
