package io.berth.daemon.build.dockerfile;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * {@code RUN --mount=…} as it is written. Its values have variables, but for {@code from}, by which stages depend on each other.
 *
 * @param from a stage, a named context or an image; or empty
 */
public record MountFlag(String text, String from) {

    private static final List<String> TYPES = List.of("bind", "cache", "tmpfs", "secret", "ssh");
    private static final List<String> SHARINGS = List.of("shared", "private", "locked");
    private static final List<String> KEYS = List.of("type", "from", "source", "target", "readonly", "id", "sharing", "required", "size", "mode",
            "uid", "gid", "src", "dst", "destination", "ro", "rw", "readwrite", "env");
    private static final Set<String> OWNED = Set.of("cache", "secret", "ssh");

    /** @throws DockerfileException when it is no list of fields, or has a variable in {@code from} */
    static MountFlag of(String text) {
        String from = "";
        for (String field : CsvFields.of(text, "mounts")) {
            int equals = field.indexOf('=');
            if (equals < 0 || !field.substring(0, equals).equalsIgnoreCase("from")) {
                continue;
            }
            from = field.substring(equals + 1);
            int dollar = from.indexOf('$');
            if (dollar >= 0 && dollar != from.length() - 1) {
                throw failure("'from' doesn't support variable expansion, define alias stage instead");
            }
        }
        return new MountFlag(text, from);
    }

    /**
     * What is to be mounted.
     *
     * @param expand gives variables their values
     * @param workingDirectory what a relative target is below
     * @throws DockerfileException with the reference's reason
     */
    RunMount resolve(UnaryOperator<String> expand, String workingDirectory) {
        Fields fields = new Fields();
        CsvFields.of(text, "mounts").forEach(field -> fields.add(field, expand));
        return fields.mount(workingDirectory);
    }

    private static DockerfileException failure(String why) {
        return new DockerfileException(why, List.of());
    }

    /** One after the other: some are right or wrong by the type that was named before them. */
    private static final class Fields {
        private String type = "bind";
        private String from = "";
        private String source = "";
        private String target = "";
        private String id = "";
        private String sharing = "";
        private Optional<String> variable = Optional.empty();
        private Optional<Boolean> readOnly = Optional.empty();
        private boolean required;
        private long size;
        private OptionalInt mode = OptionalInt.empty();
        private OptionalLong uid = OptionalLong.empty();
        private OptionalLong gid = OptionalLong.empty();

        void add(String field, UnaryOperator<String> expand) {
            int equals = field.indexOf('=');
            String key = (equals < 0 ? field : field.substring(0, equals)).toLowerCase(Locale.ROOT);
            if (equals < 0) {
                switch (key) {
                    case "readonly", "ro" -> readOnly = Optional.of(true);
                    case "readwrite", "rw" -> readOnly = Optional.of(false);
                    case "required" -> {
                        onlyFor(key, "secret", "ssh");
                        required = true;
                    }
                    default -> throw failure("invalid field '" + field + "' must be a key=value pair");
                }
                return;
            }
            set(key, expand.apply(field.substring(equals + 1)), field);
        }

        private void set(String key, String value, String field) {
            switch (key) {
                case "type" -> type = oneOf(TYPES, "unsupported mount type ", value);
                case "from" -> from = value;
                case "source", "src" -> source = value;
                case "target", "dst", "destination" -> target = value;
                case "readonly", "ro" -> readOnly = Optional.of(truth(key, value));
                case "readwrite", "rw" -> readOnly = Optional.of(!truth(key, value));
                case "required" -> {
                    onlyFor(key, "secret", "ssh");
                    required = truth(key, value);
                }
                case "size" -> {
                    onlyFor(key, "tmpfs");
                    size = FlagValues.size(value).orElseThrow(() -> failure("invalid value for size: " + value));
                }
                case "id" -> id = value;
                case "sharing" -> sharing = oneOf(SHARINGS, "unsupported sharing value ", value);
                case "mode" -> mode = OptionalInt.of((int) number(key, value, 8));
                case "uid" -> uid = OptionalLong.of(number(key, value, 10));
                case "gid" -> gid = OptionalLong.of(number(key, value, 10));
                case "env" -> variable = Optional.of(value);
                default -> throw failure("unexpected key '" + key + "' in '" + field + "'" + Suggestion.hint(Suggestion.of(key, KEYS)));
            }
        }

        RunMount mount(String workingDirectory) {
            check();
            RunMount.Owner owner = new RunMount.Owner(mode, uid, gid);
            return switch (type) {
                case "cache" -> new RunMount.Cache(id.isEmpty() ? Paths.clean(target) : id, absolute(workingDirectory), from, source,
                        sharing.isEmpty() ? RunMount.Sharing.SHARED : RunMount.Sharing.valueOf(sharing.toUpperCase(Locale.ROOT)),
                        readOnly.orElse(false), owner);
                case "tmpfs" -> new RunMount.Tmpfs(absolute(workingDirectory), size, readOnly.orElse(false));
                case "secret" -> secret(owner);
                case "ssh" -> new RunMount.Ssh(id.isEmpty() ? "default" : id, optional(target), required, withMode(owner, 0600));
                default -> new RunMount.Bind(from, source, absolute(workingDirectory), readOnly.orElse(true));
            };
        }

        private void check() {
            if (!OWNED.contains(type)) {
                refuse(mode.isPresent(), "mode not allowed for " + Quoted.of(type) + " type mounts");
                refuse(uid.isPresent(), "uid not allowed for " + Quoted.of(type) + " type mounts");
                refuse(gid.isPresent(), "gid not allowed for " + Quoted.of(type) + " type mounts");
            }
            if (type.equals("secret")) {
                refuse(!from.isEmpty(), "secret mount should not have a from");
                refuse(!sharing.isEmpty(), "secret mount should not define sharing");
                refuse(source.isEmpty() && target.isEmpty() && id.isEmpty(), "invalid secret mount. one of source, target required");
                refuse(!source.isEmpty() && !id.isEmpty(), "both source and id can't be set");
            }
            refuse(!sharing.isEmpty() && !type.equals("cache"), "invalid cache sharing set for " + type + " mount");
            refuse(type.equals("ssh") && !source.isEmpty(), "ssh does not support source");
        }

        private RunMount secret(RunMount.Owner owner) {
            String name = !source.isEmpty() ? source : !id.isEmpty() ? id : Paths.base(target);
            Optional<String> file = optional(target);
            if (file.isEmpty() && variable.isEmpty()) {
                file = Optional.of("/run/secrets/" + Paths.base(name));
            }
            return new RunMount.Secret(name, file, variable, required, withMode(owner, 0400));
        }

        private String absolute(String workingDirectory) {
            String place = Paths.clean(target).startsWith("/") ? target : Paths.join("/", workingDirectory, target);
            refuse(place.equals("/"), "invalid mount target \"/\"");
            return place;
        }

        private static RunMount.Owner withMode(RunMount.Owner owner, int usual) {
            return new RunMount.Owner(OptionalInt.of(owner.mode().orElse(usual)), owner.uid(), owner.gid());
        }

        private static Optional<String> optional(String text) {
            return Optional.of(text).filter(value -> !value.isEmpty());
        }

        private void onlyFor(String key, String... types) {
            refuse(!List.of(types).contains(type), "unexpected key '" + key + "' for mount type '" + type + "'");
        }

        private static String oneOf(List<String> known, String complaint, String value) {
            String lower = value.toLowerCase(Locale.ROOT);
            if (!known.contains(lower)) {
                throw failure(complaint + Quoted.of(value) + Suggestion.hint(Suggestion.of(value, known)));
            }
            return lower;
        }

        private static boolean truth(String key, String value) {
            return FlagValues.truth(value).orElseThrow(() -> failure("invalid value for " + key + ": " + value));
        }

        private static long number(String key, String value, int radix) {
            return FlagValues.unsigned(value, radix).orElseThrow(() -> failure("invalid value " + value + " for " + key));
        }

        private static void refuse(boolean wrong, String why) {
            if (wrong) {
                throw failure(why);
            }
        }
    }
}
