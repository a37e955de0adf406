package io.berth.api.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QueryTest {
    private static Query query(String text) {
        return RequestTarget.parse("/x?" + text).query();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "q", "q=", "q=0", "q=no", "q=FALSE", "q=None", "q=+"})
    void theseAreFalse(String text) {
        assertFalse(query(text).flag("q"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"q=1", "q=true", "q=yes", "q=anything"})
    void everythingElseIsTrue(String text) {
        assertTrue(query(text).flag("q"));
    }

    @Test
    void anAbsentFlagHasItsDefault() {
        assertTrue(query("").flag("q", true));
        assertFalse(query("q=0").flag("q", true));
        assertFalse(query("q=").flag("q", true));
    }

    @Test
    void valuesAreDecodedAndRepeated() {
        Query query = query("a=%2Fx+y%C3%A4&b=1&b=2&c&&d=e=f");
        assertEquals("/x yä", query.text("a"));
        assertEquals(List.of("1", "2"), query.all("b"));
        assertTrue(query.has("c"));
        assertEquals("e=f", query.text("d"));
        assertEquals(Optional.empty(), query.optional("c"));
        assertEquals("x", query.text("c", "x"));
    }

    @Test
    void numbersAndTimesAreChecked() {
        assertEquals(OptionalInt.of(-1), query("t=-1").integer("t"));
        assertEquals(OptionalInt.empty(), query("t=").integer("t"));
        assertEquals("parameter t: \"abc\" is not a whole number",
                assertThrows(ApiException.class, () -> query("t=abc").integer("t")).getMessage());
        assertEquals(Optional.of(Instant.ofEpochSecond(1795362247, 940324280)), query("since=1795362247.940324280").instant("since"));
        assertEquals(Optional.of(Instant.EPOCH), query("since=0").instant("since"));
        assertEquals(Optional.of(Instant.parse("1960-01-01T00:00:00Z")), query("since=-315619200.000000000").instant("since"));
        for (String bad : List.of("abc", "--1", "-", "1e999999999", "99999999999999999999", "1.2.3")) {
            assertThrows(ApiException.class, () -> query("since=" + bad).instant("since"), bad);
        }
    }

    @Test
    void aTimeMayBeBeforeTheEpochAndFinerThanNanoseconds() {
        assertEquals(Optional.of(Instant.ofEpochSecond(-1)), query("since=-1").instant("since"));
        assertEquals(Optional.of(Instant.ofEpochSecond(1, 123456789)), query("since=1.1234567891").instant("since"));
    }
}
