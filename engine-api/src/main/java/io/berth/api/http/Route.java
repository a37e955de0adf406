package io.berth.api.http;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One path template such as {@code /containers/{id}/json}; {@code {name:.*}} stands for any text, slashes included. */
final class Route {
    private static final Pattern PARAMETER = Pattern.compile("\\{(\\w+)(:\\.\\*)?}");

    private final Handler handler;
    private final boolean lasting;
    private final List<String> names = new ArrayList<>();
    private final Pattern pattern;

    Route(String template, Handler handler, boolean lasting) {
        this.handler = handler;
        this.lasting = lasting;
        StringBuilder form = new StringBuilder();
        Matcher parameter = PARAMETER.matcher(template);
        int literal = 0;
        while (parameter.find()) {
            form.append(Pattern.quote(template.substring(literal, parameter.start())));
            form.append(parameter.group(2) == null ? "([^/]+)" : "(.+)");
            names.add(parameter.group(1));
            literal = parameter.end();
        }
        form.append(Pattern.quote(template.substring(literal)));
        pattern = Pattern.compile(form.toString(), Pattern.DOTALL);
    }

    Handler handler() {
        return handler;
    }

    boolean lasting() {
        return lasting;
    }

    /** The values of the parameters when the path fits. */
    Optional<Map<String, String>> match(String path) {
        Matcher matcher = pattern.matcher(path);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        Map<String, String> values = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            values.put(names.get(i), matcher.group(i + 1));
        }
        return Optional.of(values);
    }
}
