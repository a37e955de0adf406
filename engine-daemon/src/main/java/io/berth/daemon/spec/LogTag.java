package io.berth.daemon.spec;

import io.berth.api.http.ApiException;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The log option {@code tag}: a text in which {@code {{.NAME}}} stands for the container's name, and so on. */
public final class LogTag {

    private static final Pattern FIELD = Pattern.compile("\\{\\{\\s*\\.(\\w+)\\s*}}");
    private static final List<String> FIELDS = List.of("ID", "FullID", "Name", "ImageID", "ImageFullID", "ImageName", "DaemonName");

    private LogTag() {
    }

    /** Of the reference's template language only the fields by themselves are known. */
    static void check(String tag) {
        String rest = FIELD.matcher(tag).replaceAll(found -> FIELDS.contains(found.group(1)) ? "" : Matcher.quoteReplacement(found.group()));
        if (rest.contains("{{")) {
            throw ApiException.invalid("failed to initialize logging driver: the log option tag \"" + tag
                    + "\" may hold {{.FIELD}} for these fields only: " + String.join(", ", FIELDS));
        }
    }

    /** The tag of one container, whose fields are given by their names. */
    public static String filled(String tag, Map<String, String> fields) {
        return FIELD.matcher(tag).replaceAll(found -> Matcher.quoteReplacement(fields.getOrDefault(found.group(1), found.group())));
    }
}
