package io.berth.daemon.spec;

import io.berth.api.http.ApiException;
import io.berth.api.wire.container.LogConfig;
import io.berth.linux.keeper.log.LogOptions;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** What becomes of a container's output: the log drivers of the reference engine that this one has, and their options. */
public enum LogDriver {

    /** A line of JSON for each line of output, in a file that everybody can read. */
    JSON_FILE("json-file", Set.of("max-size", "max-file", "compress", "labels", "labels-regex", "env", "env-regex", "tag", "mode",
            "max-buffer-size"), "unknown log opt '%s' for json-file log driver"),
    /** The output as it is, in a form of our own. */
    LOCAL("local", Set.of("max-size", "max-file", "compress", "mode", "max-buffer-size"), "unknown log opt '%s' for log driver local"),
    /** Nothing is kept. */
    NONE("none", Set.of(), "unknown log opt '%s' for log driver none");

    /** Those that the reference has besides. */
    private static final Set<String> OTHERS = Set.of("syslog", "journald", "gelf", "fluentd", "awslogs", "splunk", "gcplogs", "etwlogs",
            "logentries");
    /** No limit, which the reference has when nothing is said and no word for. */
    private static final String UNLIMITED = "-1";
    private static final Pattern SIZE = Pattern.compile("(\\d+)\\s*([kmgt]?)i?b?");

    private final String word;
    private final Set<String> options;
    private final String unknownOption;

    LogDriver(String word, Set<String> options, String unknownOption) {
        this.word = word;
        this.options = options;
        this.unknownOption = unknownOption;
    }

    /** Its name in the API. */
    String word() {
        return word;
    }

    public static Optional<LogDriver> find(String word) {
        return Arrays.stream(values()).filter(driver -> driver.word.equals(word)).findFirst();
    }

    /**
     * What a container gets that asks for {@code asked}: the engine's driver unless it names one, and of the engine's options
     * those it does not set, when the driver is the same.
     *
     * @throws ApiException with the reference's words, when there is no such driver or option
     */
    public static LogConfig resolve(LogConfig asked, LogConfig engine) {
        Map<String, String> options = new LinkedHashMap<>();
        String type = asked.type().isEmpty() ? engine.type() : asked.type();
        if (type.equals(engine.type())) {
            options.putAll(engine.config());
        }
        options.putAll(asked.config());
        LogConfig resolved = new LogConfig(type, options);
        check(resolved);
        return resolved;
    }

    private static void check(LogConfig config) {
        if (OTHERS.contains(config.type())) {
            throw Unsupported.unsupported("LogConfig.Type \"" + config.type() + "\"");
        }
        LogDriver driver = find(config.type()).orElseThrow(() -> ApiException.invalid("error looking up logging plugin " + config.type()
                + ": plugin \"" + config.type() + "\" not found"));
        for (String option : config.config().keySet()) {
            if (!driver.options.contains(option)) {
                throw ApiException.invalid(driver.unknownOption.formatted(option));
            }
        }
        checkMode(config.config());
        checkCompression(config.config().getOrDefault("compress", "false"));
        driver.limits(config.config());
        checkPattern(config.config().getOrDefault("labels-regex", ""));
        checkPattern(config.config().getOrDefault("env-regex", ""));
        LogTag.check(config.config().getOrDefault("tag", ""));
    }

    /** A truth value as Go's strconv.ParseBool reads it. */
    private static void checkCompression(String wanted) {
        switch (wanted) {
            case "0", "f", "F", "false", "False", "FALSE" -> { }
            case "1", "t", "T", "true", "True", "TRUE" -> throw Unsupported.unsupported("the log option \"compress\"");
            default -> throw refused("strconv.ParseBool: parsing \"" + wanted + "\": invalid syntax");
        }
    }

    private static void checkMode(Map<String, String> options) {
        switch (options.getOrDefault("mode", "")) {
            case "", "blocking" -> { }
            case "non-blocking" -> throw Unsupported.unsupported("the log option \"mode=non-blocking\"");
            default -> throw ApiException.invalid("logger: logging mode not supported: " + options.get("mode"));
        }
        if (options.containsKey("max-buffer-size")) {
            throw ApiException.invalid("logger: max-buffer-size option is only supported with 'mode=non-blocking'");
        }
    }

    private static void checkPattern(String pattern) {
        try {
            Pattern.compile(pattern);
        } catch (PatternSyntaxException invalid) {
            throw refused("error parsing regexp: " + invalid.getDescription() + ": `" + pattern + "`");
        }
    }

    /**
     * How much is kept. A size alone means one file of it, as in the reference; without a size it is what {@link LogOptions}
     * says, where the reference's json-file knows no limit.
     *
     * @throws ApiException when one of them is no size or number
     */
    public ContainerSpec.LogLimits limits(Map<String, String> options) {
        String size = options.getOrDefault("max-size", "");
        boolean oneFile = this == JSON_FILE && !size.isEmpty() && !size.equals(UNLIMITED);
        int files = options.containsKey("max-file") ? files(options.get("max-file")) : oneFile ? 1 : LogOptions.DEFAULT_SEGMENTS;
        long bytes = size.isEmpty() ? LogOptions.DEFAULT_SEGMENT_BYTES : size.equals(UNLIMITED) ? Long.MAX_VALUE : bytes(size);
        return new ContainerSpec.LogLimits(this, bytes, files);
    }

    private static int files(String text) {
        if (!text.matches("[+-]?[0-9]{1,9}")) {
            throw refused("strconv.Atoi: parsing \"" + text + "\": invalid syntax");
        }
        int files = Integer.parseInt(text);
        if (files < 1) {
            throw refused("max-file cannot be less than 1");
        }
        return files;
    }

    /** As in {@code 10m}, {@code 1g}, {@code 512kb}. */
    private static long bytes(String text) {
        Matcher form = SIZE.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (!form.matches() || form.group(1).length() > 18) {
            throw refused("invalid size: '" + text + "'");
        }
        long count = Long.parseLong(form.group(1));
        long factor = form.group(2).isEmpty() ? 1 : 1L << 10 * ("kmgt".indexOf(form.group(2)) + 1);
        if (count > Long.MAX_VALUE / factor) {
            throw refused("invalid size: '" + text + "'");
        }
        if (count < 1) {
            throw refused("max-size must be a positive number");
        }
        return count * factor;
    }

    private static ApiException refused(String why) {
        return ApiException.invalid("failed to initialize logging driver: " + why);
    }
}
