package io.berth.daemon.build.dockerfile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ExpansionTest {

    private static final Variables VARIABLES = Variables.of(Map.of("set", "value", "empty", "", "path", "/usr/local/bin", "words", "a b", "ü", "umlaut",
            "crowd", "😀😀x"));

    private static String expand(String text) {
        return new Expansion('\\').text(text, VARIABLES);
    }

    private static String refusal(String text) {
        return assertThrows(DockerfileException.class, () -> expand(text)).getMessage();
    }

    @Test
    void quotesAndEscapesAreTakenAway() {
        assertEquals("a b c", expand("'a b' c"));
        assertEquals("a\"b$set\\c", expand("\"a\\\"b\\$set\\\\c\""));
        assertEquals("$set", expand("\\$set"));
        assertEquals("\\value", expand("\\\\$set"));
        assertEquals("a\\tb atb", expand("\"a\\tb\" a\\tb"));
        assertEquals("end", expand("end\\"));
    }

    @Test
    void specialParametersAndDigitsAreNamesThatAreNeverSet() {
        assertEquals("aax", expand("a$1a$@x$?"));
        assertEquals("default", expand("${@:-default}"));
        assertEquals("$.", expand("$."));
        assertEquals("umlaut", expand("$ü"));
    }

    @Test
    void whatIsCutOffIsAsShortOrAsLongAsAsked() {
        assertEquals("usr/local/bin", expand("${path#*/}"));
        assertEquals("bin", expand("${path##*/}"));
        assertEquals("/usr/local", expand("${path%/*}"));
        assertEquals("", expand("${path%%/*}"));
        assertEquals("😀x", expand("${crowd#?}"));
        assertEquals("/usr/local/bin", expand("${path#usr}"));
    }

    @Test
    void whatIsReplacedIsTheFirstOrAllOfIt() {
        assertEquals("/usr_local/bin", expand("${path/r\\//r_}"));
        assertEquals("-usr-local-bin", expand("${path//\\//-}"));
        assertEquals("xxxxx", expand("${set//?/x}"));
        assertEquals("-e", expand("${set/v*u/-}"));
        assertEquals("x", expand("${set//*/x}"));
        assertEquals("-v-a-l-u-e-", expand("${set///-}"));
        assertEquals("x", expand("${empty/*/x}"));
    }

    @Test
    void aTextIsDividedAtBlanksOutsideQuotesAfterExpansion() {
        assertEquals(List.of("a", "b", "c d", "e"), new Expansion('\\').expand("$words \"c d\" e", VARIABLES).words());
    }

    @Test
    void namesAreReportedByWhetherTheyHadAValue() {
        Expansion.Expanded expanded = new Expansion('\\').expand("$set ${none:-$other}", VARIABLES);
        assertEquals(Set.of("set"), expanded.known());
        assertEquals(Set.of("none", "other"), expanded.unknown());
    }

    @Test
    void whatIsNotClosedIsRefusedWithTheTextAsAWhole() {
        assertEquals("failed to process \"a'b\": unexpected end of statement while looking for matching single-quote", refusal("a'b"));
        assertEquals("failed to process \"\\\"a\": unexpected end of statement while looking for matching double-quote", refusal("\"a"));
        assertEquals("failed to process \"${set\": syntax error: missing '}'", refusal("${set"));
        assertEquals("failed to process \"${set:-x\": syntax error: missing '}'", refusal("${set:-x"));
        assertEquals("failed to process \"${}\": syntax error: bad substitution", refusal("${}"));
        assertEquals("failed to process \"${none?}\": none: is not allowed to be unset", refusal("${none?}"));
        assertEquals("failed to process \"${empty:?say it}\": empty: say it", refusal("${empty:?say it}"));
        assertEquals("failed to process \"${set:=x}\": unsupported modifier (:=) in substitution", refusal("${set:=x}"));
    }

    @Test
    void nestingWithoutEndIsRefusedAndDoesNotOverflow() {
        String deep = "${a:-".repeat(100_000) + "}".repeat(100_000);
        assertTrue(refusal(deep).endsWith("variables are nested more than 100 deep"));
    }

    @Test
    void valuesThatGrowWithoutEndAreRefused() {
        Variables large = Variables.of(Map.of("x", "y".repeat(100_000)));
        DockerfileException refused = assertThrows(DockerfileException.class, () -> new Expansion('\\').text("$x".repeat(100), large));
        assertTrue(refused.getMessage().contains("variables make the text longer than"), refused.getMessage());
    }

    @Test
    void aPatternOfManyStarsTakesNoLongerThanItsLength() {
        Variables large = Variables.of(Map.of("x", "a".repeat(20_000)));
        assertEquals("a".repeat(20_000), new Expansion('\\').text("${x##" + "*a".repeat(500) + "b}", large));
    }
}
