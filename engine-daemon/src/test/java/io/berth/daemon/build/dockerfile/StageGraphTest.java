package io.berth.daemon.build.dockerfile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.store.image.Platform;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StageGraphTest {

    private static StageGraph graph(String text, BuildInputs inputs) {
        Checks checks = new Checks(CheckRules.USUAL);
        return StageGraph.of(Dockerfile.parse(new DockerfileSource("Dockerfile", text), checks), inputs, checks);
    }

    private static BuildInputs target(String stage) {
        return new BuildInputs(Map.of(), Platform.here(), Platform.here(), Optional.of(stage), BuildInputs.NamedContexts.NONE);
    }

    private static BuildInputs contexts(Set<String> names) {
        return new BuildInputs(Map.of(), Platform.here(), Platform.here(), Optional.empty(), names::contains);
    }

    private static List<Integer> needed(StageGraph graph) {
        return graph.needed().stream().map(PlannedStage::index).toList();
    }

    private static final String FOUR = """
            FROM scratch AS base
            FROM base AS tools
            FROM scratch AS docs
            COPY --from=tools /x /x
            FROM base AS app
            RUN --mount=from=docs,target=/d true
            """;

    @Test
    void onlyWhatTheTargetTakesIsNeeded() {
        assertEquals(List.of(0, 1, 2, 3), needed(graph(FOUR, BuildInputs.none())));
        assertEquals(List.of(0, 1), needed(graph(FOUR, target("tools"))));
        assertEquals(List.of(0), needed(graph(FOUR, target("BASE"))));
    }

    @Test
    void aTargetThatIsNotThereIsRefusedWithTheNearestOne() {
        assertEquals("target stage \"tool\" could not be found (did you mean tools?)",
                assertThrows(DockerfileException.class, () -> graph(FOUR, target("tool"))).getMessage());
    }

    @Test
    void aNamedContextTakesThePlaceOfAnImageAndOfAStage() {
        StageGraph graph = graph("FROM busybox\nCOPY --from=files a b\nFROM scratch AS own\nRUN true\n", contexts(Set.of("busybox", "files", "own")));
        assertEquals(new StageSource.OfContext("busybox"), graph.stages().getFirst().base());
        assertEquals(new StageSource.OfContext("own"), graph.stages().getLast().base());
        assertEquals(List.of(), graph.stages().getLast().instructions());
        Instruction.Copy copy = assertInstanceOf(Instruction.Copy.class, graph.stages().getFirst().instructions().getFirst());
        assertEquals(Optional.of(new StageSource.OfContext("files")), graph.source(copy));
    }

    @Test
    void ofTwoStagesWithOneNameAFromMeansTheOneBefore() {
        StageGraph graph = graph("FROM scratch AS a\nFROM a AS b\nFROM scratch AS a\nFROM a AS c\n", BuildInputs.none());
        assertEquals(new StageSource.OfStage(0), graph.stages().get(1).base());
        assertEquals(new StageSource.OfStage(2), graph.stages().get(3).base());
        assertEquals(List.of(2, 3), needed(graph));
    }

    @Test
    void aBuildArgumentComesBeforeADefault() {
        BuildInputs inputs = new BuildInputs(Map.of("IMAGE", "other:2", "TARGETARCH", "arm"), Platform.here(), Platform.here(), Optional.empty(),
                BuildInputs.NamedContexts.NONE);
        StageGraph graph = graph("ARG IMAGE=this\nFROM $IMAGE-$TARGETARCH\n", inputs);
        assertEquals("docker.io/library/other:2-arm", assertInstanceOf(StageSource.OfImage.class, graph.target().base()).reference().toString());
    }

    @Test
    void proxiesAreThereInBothCasesWithoutBeingDeclared() {
        BuildInputs inputs = new BuildInputs(Map.of("HTTP_PROXY", "http://p", "other", "x"), Platform.here(), Platform.here(), Optional.empty(),
                BuildInputs.NamedContexts.NONE);
        assertEquals(Map.of("http_proxy", "http://p", "HTTP_PROXY", "http://p"), inputs.proxies());
    }

    @Test
    void aCycleIsShownWithAllItsLines() {
        DockerfileException refused = assertThrows(DockerfileException.class, () -> graph(
                "FROM scratch AS a\nCOPY --from=b x x\nFROM scratch AS b\nCOPY --from=a x x\n", BuildInputs.none()));
        assertEquals("circular dependency detected on stage: a", refused.getMessage());
        assertEquals(List.of(LineRange.of(2), LineRange.of(4)), refused.lines());
        assertTrue(refused.excerpt().contains("   2 | >>> COPY --from=b x x"), refused.excerpt());
    }
}
