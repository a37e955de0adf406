package io.berth.daemon.build.dockerfile;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What has a value where a text is expanded. */
interface Variables {

    Optional<String> value(String name);

    Collection<String> names();

    static Variables of(Map<String, String> values) {
        return new Variables() {
            @Override
            public Optional<String> value(String name) {
                return Optional.ofNullable(values.get(name));
            }

            @Override
            public Collection<String> names() {
                return values.keySet();
            }
        };
    }

    static Variables none() {
        return of(Map.of());
    }

    static List<String> pair(String entry) {
        int equals = entry.indexOf('=');
        return equals < 0 ? List.of(entry, "") : List.of(entry.substring(0, equals), entry.substring(equals + 1));
    }
}
