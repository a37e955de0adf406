package io.berth.api.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CleanPathTest {

    @ParameterizedTest
    @CsvSource({
        "//v1.51/info,                        /v1.51/info",
        "/v1.51//containers/json?all=1&x=%2F, /v1.51/containers/json?all=1&x=%2F",
        "/./_ping,                            /_ping",
        "/v1.51/containers/../json,           /v1.51/json",
        "/containers/%2F/json,                /containers/json",
        "/images//a%20b/json,                 /images/a%20b/json",
        "/a//,                                /a/",
        "/..,                                 /",
        "http://host//info,                   /info",
    })
    void aPathLeadsToWhatItMeans(String uri, String clean) {
        assertEquals(Optional.of(clean), RequestTarget.elsewhere(uri));
    }

    @ParameterizedTest
    @CsvSource({"/", "/info", "/containers/json/", "/images/a/b:1.2/json", "/volumes/.hidden", "/volumes/..hidden/x", "/events?filters=//.."})
    void aCleanPathStays(String uri) {
        assertEquals(Optional.empty(), RequestTarget.elsewhere(uri));
    }
}
