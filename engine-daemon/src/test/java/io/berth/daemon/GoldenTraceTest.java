package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.daemon.conformance.AllowedDifference;
import io.berth.daemon.conformance.Comparison;
import io.berth.daemon.conformance.Difference;
import io.berth.daemon.conformance.Recording;
import io.berth.daemon.conformance.Replay;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What the docker CLI asks for in its everyday commands is answered as dockerd answers it. */
class GoldenTraceTest extends ContainerTest {

    private static final String RECORD = System.getProperty("berth.golden.record", "");

    /** In the order of one container's life. */
    @TestFactory
    Stream<DynamicTest> everyAnswerIsThatOfTheReference() {
        Replay replay = new Replay(engine.socket(), Map.of("NAME", "berth-test-golden"));
        List<Difference> seen = new ArrayList<>();
        Stream<DynamicTest> commands = Recording.NAMES.stream().map(name -> DynamicTest.dynamicTest(name, () -> replay(replay, name, seen)));
        return Stream.concat(commands, Stream.of(DynamicTest.dynamicTest("no difference is allowed that is not there", () -> assertAllNeeded(seen))));
    }

    private static void replay(Replay replay, String name, List<Difference> seen) {
        Recording recording = Recording.load(name);
        engine.requireBuilt(recording.operations());
        List<Replay.Exchange> exchanges = replay.run(recording);
        if (!RECORD.isEmpty()) {
            recording.record(exchanges, Path.of(RECORD));
            return;
        }
        List<Difference> differences = Comparison.of(recording, exchanges);
        seen.addAll(differences);
        List<Difference> unexpected = differences.stream().filter(difference -> engine.isReference() || !isAllowed(difference)).toList();
        assertTrue(unexpected.isEmpty(), () -> unexpected.stream().map(Difference::toString).collect(Collectors.joining("\n", "\n", "")));
    }

    private static boolean isAllowed(Difference difference) {
        return AllowedDifference.ALL.stream().anyMatch(allowed -> allowed.covers(difference));
    }

    private static void assertAllNeeded(List<Difference> seen) {
        engine.requireBerth("the reference has no difference from itself");
        List<AllowedDifference> stale = AllowedDifference.ALL.stream().filter(allowed -> seen.stream().noneMatch(allowed::covers)).toList();
        assertEquals(List.of(), stale);
    }
}
