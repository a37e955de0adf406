package io.berth.daemon.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Would the comparison notice? Every fault there can be in any answer is planted, one at a time. */
@Timeout(120)
class ComparisonTest {

    private static final List<String> NAMES = Recording.NAMES;

    @TempDir
    private Path directory;

    @ParameterizedTest
    @FieldSource("NAMES")
    void anEngineThatAnswersAsRecordedHasNoDifference(String name) throws IOException {
        assertEquals(List.of(), differences(Recording.load(name), whole(Recording.load(name))));
    }

    @ParameterizedTest
    @FieldSource("NAMES")
    void everyPlantedFaultIsFoundWhereItIs(String name) throws IOException {
        Recording recording = Recording.load(name);
        List<String> missed = new ArrayList<>();
        int planted = 0;
        for (int i = 0; i < recording.answers().size(); i++) {
            String request = recording.requests().get(i).toString();
            for (Faults.Fault fault : Faults.of(recording.answers().get(i))) {
                List<StubEngine.Wire> answers = whole(recording);
                answers.set(i, fault.wire());
                planted++;
                if (differences(recording, answers).stream().noneMatch(difference -> difference.request().equals(request))) {
                    missed.add(request + ": " + fault.name());
                }
            }
        }
        assertEquals(List.of(), missed);
        assertTrue(planted > 20, planted + " faults");
    }

    private static List<StubEngine.Wire> whole(Recording recording) {
        return new ArrayList<>(recording.answers().stream().map(StubEngine::wire).toList());
    }

    /** Made-up values are all alike: everything mentions the word that everybody is named by. */
    private List<Difference> differences(Recording recording, List<StubEngine.Wire> answers) throws IOException {
        try (StubEngine stub = new StubEngine(directory.resolve("stub.sock"), answers)) {
            return Comparison.of(recording, new Replay(stub.socket(), Map.of("NAME", "x")).run(recording));
        }
    }
}
