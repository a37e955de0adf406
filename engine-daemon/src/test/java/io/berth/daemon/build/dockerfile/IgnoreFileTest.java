package io.berth.daemon.build.dockerfile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class IgnoreFileTest {

    private static final List<String> TREE = List.of("a", "a.md", "dir", "dir/a", "dir/a.md", "dir/sub", "dir/sub/a.md", "dir/sub/b", "other/dir/a",
            "src.x/y", "x-[1]");

    private static List<String> left(String file) {
        IgnoreFile ignored = IgnoreFile.parse(file);
        return TREE.stream().filter(path -> !ignored.matches(path)).toList();
    }

    private static List<String> without(String... taken) {
        return TREE.stream().filter(path -> !List.of(taken).contains(path)).toList();
    }

    @Test
    void aPatternIsOfTheWholePathAndTakesWhatIsBelow() {
        assertEquals(without("dir", "dir/a", "dir/a.md", "dir/sub", "dir/sub/a.md", "dir/sub/b"), left("dir"));
        assertEquals(left("dir"), left("/dir/"));
        assertEquals(left("dir"), left("./x/../dir/."));
        assertEquals(without("a.md"), left("*.md"));
        assertEquals(without("dir/a.md"), left("*/*.md"));
        assertEquals(without("a"), left("?"));
    }

    @Test
    void twoStarsGoThroughDirectories() {
        assertEquals(without("a.md", "dir/a.md", "dir/sub/a.md"), left("**/*.md"));
        assertEquals(without("a", "dir/a", "other/dir/a"), left("**/a"));
        assertEquals(without("dir/a", "dir/a.md", "dir/sub", "dir/sub/a.md", "dir/sub/b"), left("dir/**"));
        assertEquals(without("dir/a.md", "dir/sub/a.md"), left("dir/**/a.md"));
        assertEquals(List.of(), left("**"));
        assertEquals(without("a.md", "dir/a.md", "dir/sub/a.md"), left("**.md"));
    }

    @Test
    void theLastPatternThatSaysSomethingCounts() {
        assertEquals(List.of("a.md", "dir/sub/b"), left("*\n!a.md\n!dir/sub/b"));
        assertEquals(List.of(), left("!a.md\n*"));
        assertEquals(List.of("dir", "dir/a", "dir/a.md", "dir/sub/b"), left("**\n!dir\ndir/sub\n! dir/sub/b"));
    }

    @Test
    void commentsBlanksAndAByteOrderMarkAreNoPatterns() {
        assertEquals(without("a"), left("\uFEFF# all\n\n   a  \r\n#*\n"));
        assertTrue(IgnoreFile.parse("# nothing\n").isEmpty());
    }

    @Test
    void classesAndEscapesAreUnderstood() {
        assertEquals(without("a", "a.md"), left("[a-c]\n[^d-z].md"));
        assertEquals(without("x-[1]"), left("x-\\[1\\]"));
        assertEquals(without("src.x/y"), left("src.x"));
        assertEquals(TREE, left("srcxx"));
    }

    @Test
    void malformedPatternsAreRefused() {
        for (String pattern : List.of("[", "[a", "[]a]", "a\\", "[a-]")) {
            assertEquals("syntax error in pattern", assertThrows(DockerfileException.class, () -> IgnoreFile.parse(pattern)).getMessage(), pattern);
        }
        assertEquals("illegal exclusion pattern: \"!\"", assertThrows(DockerfileException.class, () -> IgnoreFile.parse("!")).getMessage());
    }

    @Test
    void aWalkComesToTheSameAsSinglePaths() {
        IgnoreFile file = IgnoreFile.parse("dir\n!dir/sub\ndir/sub/b\n**/x\n");
        assertTrue(file.hasExceptions());
        IgnoreFile.Outcome dir = file.root().below("dir");
        IgnoreFile.Outcome sub = dir.below("dir/sub");
        assertTrue(dir.ignored());
        assertFalse(sub.ignored());
        Stream.of("b", "c", "x").forEach(name -> assertEquals(file.matches("dir/sub/" + name), sub.below("dir/sub/" + name).ignored(), name));
    }

    @Test
    void aPatternOfManyStarsTakesNoLongerThanItsLength() {
        IgnoreFile file = IgnoreFile.parse("**/" + "*a".repeat(1000) + "/**/b");
        assertFalse(file.matches("a".repeat(4000)));
    }
}
