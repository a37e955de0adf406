package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.berth.api.Operation;
import io.berth.api.Operations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ScopeTest {

    private static final Pattern ROW = Pattern.compile("\\| `((?:GET|HEAD|POST|PUT|DELETE) /\\S*)` \\| (\\w+) \\|");

    @Test
    void scopeListsEveryOperationWithItsTrueState() throws IOException {
        Map<String, String> documented = new TreeMap<>();
        Files.readAllLines(Path.of("../SCOPE.md")).stream().map(ROW::matcher).filter(Matcher::matches)
                .forEach(row -> documented.put(row.group(1), row.group(2)));
        Map<String, String> built = new TreeMap<>();
        Operations.all().forEach(operation -> built.put(operation.toString(), word(operation.state())));
        assertEquals(built, documented);
    }

    private static String word(Operation.State state) {
        return switch (state) {
            case BUILT -> "served";
            case NOT_YET -> "later";
            case NEVER -> "never";
        };
    }
}
