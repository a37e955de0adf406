package io.berth.store.registry;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a token is asked for, {@code repository:library/alpine:pull,push}.
 *
 * @param resource {@code repository:library/alpine}
 */
record Scope(String resource, Set<String> actions) {

    static Scope of(String path, Registries.Access access) {
        return new Scope("repository:" + path, access == Registries.Access.PULL ? Set.of("pull")
                : new LinkedHashSet<>(List.of("pull", "push")));
    }

    /** Those of a challenge, with spaces between them; their names may hold colons. */
    static List<Scope> parse(String text) {
        return Stream.of(text.split(" ")).filter(scope -> scope.indexOf(':') > 0).map(scope -> {
            int colon = scope.lastIndexOf(':');
            return new Scope(scope.substring(0, colon), new LinkedHashSet<>(List.of(scope.substring(colon + 1).split(","))));
        }).toList();
    }

    /** Both, with each resource once. */
    static List<Scope> merge(Collection<Scope> some, Collection<Scope> others) {
        Map<String, Set<String>> actions = new LinkedHashMap<>();
        Stream.concat(some.stream(), others.stream())
                .forEach(scope -> actions.computeIfAbsent(scope.resource, resource -> new LinkedHashSet<>()).addAll(scope.actions));
        return actions.entrySet().stream().map(entry -> new Scope(entry.getKey(), entry.getValue())).toList();
    }

    @Override
    public String toString() {
        return resource + ':' + actions.stream().collect(Collectors.joining(","));
    }
}
