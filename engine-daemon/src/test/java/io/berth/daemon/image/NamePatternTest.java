package io.berth.daemon.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.berth.api.http.ApiException;
import io.berth.store.image.ImageReference;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** As Go's path.Match has it, and the reference engine uses it. */
class NamePatternTest {

    @ParameterizedTest
    @CsvSource({
        "app, app:1, true", "app:1, app:1, true", "app:2, app:1, false", "*, app:1, true", "*:*, app:1, true", "a*p, app:1, true",
        "*, me/app:1, false", "*/*, me/app:1, true", "*/*/*, ghcr.io/me/app:1, true", "**, me/app:1, false", "ghcr.io/*/app, ghcr.io/me/app:1, true",
        "?pp, app:1, true", "??, app:1, false", "[ab]pp, app:1, true", "[^a]pp, app:1, false", "[^b-z]pp, app:1, true", "[a-c]pp, app:1, true",
        "[x-z]pp, app:1, false", "me[^x]app, me/app:1, false", "\\app, app:1, true", "\\*, app:1, false", "[\\a]pp, app:1, true", "a.p, app:1, false",
        "{app}, app:1, false", "(app), app:1, false", "app|x, app:1, false", "APP, app:1, false", "app:1.[0-9], app:1.7, true",
        "docker.io/library/app, app:1, false", "'', app:1, false",
    })
    void aPatternMeansWhatItMeansToTheReference(String pattern, String name, boolean matches) {
        assertEquals(matches, new NamePattern(pattern).matches(ImageReference.parse(name)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a[", "[", "[]", "[a", "[^", "[a-]", "[-a]", "[z-a]", "a\\", "[\\", "[a-\\]"})
    void whatIsNoPatternIsRefused(String pattern) {
        ApiException refused = assertThrows(ApiException.class, () -> new NamePattern(pattern));
        assertEquals("syntax error in pattern", refused.getMessage());
        assertEquals(ApiException.Kind.INVALID, refused.kind());
    }
}
