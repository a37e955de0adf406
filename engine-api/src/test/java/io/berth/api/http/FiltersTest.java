package io.berth.api.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FiltersTest {
    @Test
    void bothFormsOfTheJsonMeanTheSame() {
        Filters list = Filters.parse("{\"label\":[\"a=b\",\"c\"],\"status\":[\"running\"]}");
        Filters map = Filters.parse("{\"label\":{\"a=b\":true,\"c\":true},\"status\":{\"running\":true}}");
        assertEquals(list, map);
        assertEquals(List.of("a=b", "c"), list.get("label"));
        assertEquals(List.of("a=b"), Filters.parse("{\"label\":{\"a=b\":false}}").get("label"), "as the reference, which looks at the names alone");
    }

    @Test
    void nothingAskedForMatchesEverything() {
        assertEquals(Filters.NONE, Filters.parse(""));
        assertEquals(Filters.NONE, Filters.parse("{}"));
        assertEquals(Filters.NONE, Filters.parse("null"));
        assertTrue(Filters.NONE.matches("status", List.of()));
        assertTrue(Filters.NONE.matchesLabels(Map.of()));
        assertTrue(Filters.NONE.flag("dangling", true));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{x", "[]", "3", "{\"a\":3}", "{\"a\":\"b\"}", "{\"a\":[3]}", "{\"a\":[\"b\"],\"c\":{\"d\":true}}"})
    void anUnreadableFilterIsRefused(String text) {
        ApiException refusal = assertThrows(ApiException.class, () -> Filters.parse(text));
        assertEquals("invalid filter", refusal.getMessage());
        assertEquals(ApiException.Kind.INVALID, refusal.kind());
    }

    @Test
    void anUnknownKeyIsRefusedByName() {
        Filters filters = Filters.parse("{\"foo\":[\"a\"]}");
        assertEquals("invalid filter 'foo'",
                assertThrows(ApiException.class, () -> filters.requireKnown(Set.of("label"))).getMessage());
        assertEquals(filters, filters.requireKnown(Set.of("foo")));
    }

    @Test
    void oneValueOfAKeyIsEnoughButAllLabelsAreNeeded() {
        Filters filters = Filters.parse("{\"status\":[\"running\",\"paused\"],\"label\":[\"a\",\"b=c\"],\"label!\":[\"d\"]}");
        assertTrue(filters.matches("status", List.of("paused")));
        assertFalse(filters.matches("status", List.of("exited")));
        assertTrue(filters.matchesLabels(Map.of("a", "1", "b", "c")));
        assertFalse(filters.matchesLabels(Map.of("a", "1", "b", "x")));
        assertFalse(filters.matchesLabels(Map.of("b", "c")));
        assertFalse(filters.matchesLabels(Map.of("a", "1", "b", "c", "d", "")));
    }

    @Test
    void aTruthValueIsReadInItsFourForms() {
        assertTrue(Filters.parse("{\"dangling\":[\"1\"]}").flag("dangling", false));
        assertTrue(Filters.parse("{\"dangling\":[\"true\"]}").flag("dangling", false));
        assertFalse(Filters.parse("{\"dangling\":[\"false\"]}").flag("dangling", true));
        assertThrows(ApiException.class, () -> Filters.parse("{\"dangling\":[\"maybe\"]}").flag("dangling", true));
        assertThrows(ApiException.class, () -> Filters.parse("{\"dangling\":[\"1\",\"0\"]}").flag("dangling", true));
    }
}
