package io.berth.daemon.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.berth.api.http.ApiException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LinkTest {

    @ParameterizedTest
    @CsvSource({"db, db, db", "db:alias, db, alias", "/db:/child/alias, db, alias", "db:/a//b/, db, a/b", "db:, db, ''", ":x, '', x"})
    void aTargetAndWhatItIsCalled(String text, String target, String alias) {
        assertEquals(new Link.Request(target, alias), Link.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"db:a b", "db:a\tb", "db:a\nb", "db:a=b", "db:..", "db:a/./b", "/db:/child/.."})
    void anAliasIsNothingElseThanAName(String text) {
        ApiException refused = assertThrows(ApiException.class, () -> Link.parse(text));
        assertEquals(ApiException.Kind.INVALID, refused.kind());
    }

    @Test
    void aNameByALinkBeginsWithThatOfTheOtherContainer() {
        assertEquals(Optional.of(new Link.Name("child", "a/b")), Link.Name.of("/child/a/b"));
        assertEquals(Optional.of(new Link.Name("child", "alias")), Link.Name.of("child/alias"));
        assertEquals(Optional.empty(), Link.Name.of("/child"));
    }
}
