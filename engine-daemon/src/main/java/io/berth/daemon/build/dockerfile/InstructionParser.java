package io.berth.daemon.build.dockerfile;

import io.berth.daemon.build.dockerfile.Instruction.Origin;
import io.berth.daemon.build.dockerfile.InstructionFlags.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** From the parts of a statement to a typed instruction. */
final class InstructionParser {

    private static final List<String> KEYWORDS = List.of("ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL",
            "MAINTAINER", "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR");
    private static final Map<String, Kind> FROM_FLAGS = Map.of("platform", Kind.TEXT);
    private static final Map<String, Kind> RUN_FLAGS = ordered("mount", Kind.TEXTS, "network", Kind.TEXT, "security", Kind.TEXT, "device", Kind.TEXTS);
    private static final Map<String, Kind> COPY_FLAGS = ordered("chown", Kind.TEXT, "from", Kind.TEXT, "chmod", Kind.TEXT, "link", Kind.TRUTH,
            "exclude", Kind.TEXTS, "parents", Kind.TRUTH);
    private static final Map<String, Kind> ADD_FLAGS = ordered("chown", Kind.TEXT, "chmod", Kind.TEXT, "link", Kind.TRUTH, "keep-git-dir", Kind.TRUTH,
            "checksum", Kind.TEXT, "unpack", Kind.TRUTH, "exclude", Kind.TEXTS);
    private static final Map<String, Kind> HEALTH_FLAGS = ordered("interval", Kind.TEXT, "timeout", Kind.TEXT, "start-period", Kind.TEXT,
            "start-interval", Kind.TEXT, "retries", Kind.TEXT);
    private static final Pattern STAGE_NAME = Pattern.compile("[a-z][a-z0-9-_.]*");
    private static final Pattern ONBUILD = Pattern.compile("^\\s*ONBUILD\\s*", Pattern.CASE_INSENSITIVE);
    private static final Duration SHORTEST = Duration.ofMillis(1);

    private final Statement statement;
    private final Origin origin;
    private final List<String> values;

    private InstructionParser(Statement statement) {
        this.statement = statement;
        this.origin = Origin.of(statement);
        this.values = statement.arguments().values();
    }

    /** @throws DockerfileException with the reference's reason */
    static Instruction parse(Statement statement) {
        return new InstructionParser(statement).parse();
    }

    private static Map<String, Kind> ordered(Object... pairs) {
        Map<String, Kind> map = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put((String) pairs[i], (Kind) pairs[i + 1]);
        }
        return map;
    }

    private Instruction parse() {
        return switch (statement.name()) {
            case "FROM" -> from();
            case "RUN" -> run();
            case "COPY" -> copy();
            case "ADD" -> add();
            case "WORKDIR" -> new Instruction.Workdir(origin, only());
            case "USER" -> new Instruction.User(origin, only());
            case "ENV" -> new Instruction.Env(origin, pairs());
            case "LABEL" -> new Instruction.Label(origin, pairs());
            case "ARG" -> arg();
            case "EXPOSE" -> new Instruction.Expose(origin, some().stream().sorted().toList());
            case "VOLUME" -> volume();
            case "CMD" -> new Instruction.Cmd(origin, command());
            case "ENTRYPOINT" -> new Instruction.Entrypoint(origin, command());
            case "HEALTHCHECK" -> healthcheck();
            case "SHELL" -> shell();
            case "STOPSIGNAL" -> new Instruction.StopSignal(origin, one());
            case "ONBUILD" -> onBuild();
            case "MAINTAINER" -> new Instruction.Maintainer(origin, only());
            default -> throw failure("unknown instruction: " + origin.keyword()
                    + Suggestion.hint(Suggestion.ignoringCase(origin.keyword(), KEYWORDS)));
        };
    }

    private Instruction from() {
        Optional<String> name = Optional.empty();
        if (values.size() == 3 && values.get(1).equalsIgnoreCase("as")) {
            name = Optional.of(values.get(2).toLowerCase(Locale.ROOT));
            if (!STAGE_NAME.matcher(name.get()).matches()) {
                throw failure("invalid name for build stage: " + Quoted.of(values.get(2)) + ", name can't start with a number or contain symbols");
            }
        } else if (values.size() != 1) {
            throw failure("FROM requires either one or three arguments");
        }
        return new Instruction.From(origin, values.getFirst(), name, flags(FROM_FLAGS).text("platform"));
    }

    private Instruction run() {
        InstructionFlags flags = flags(RUN_FLAGS);
        List<RunDevice> devices = flags.texts("device").stream().map(RunDevice::of).toList();
        List<MountFlag> mounts = flags.texts("mount").stream().map(MountFlag::of).toList();
        Instruction.Network network = switch (flags.text("network", "default")) {
            case "default" -> Instruction.Network.DEFAULT;
            case "none" -> Instruction.Network.NONE;
            case "host" -> Instruction.Network.HOST;
            default -> throw failure("invalid network mode " + Quoted.of(flags.text("network")));
        };
        Instruction.Security security = switch (flags.text("security", "sandbox")) {
            case "sandbox" -> Instruction.Security.SANDBOX;
            case "insecure" -> Instruction.Security.INSECURE;
            default -> throw failure("security " + Quoted.of(flags.text("security")) + " is not valid");
        };
        CommandLine command = CommandLine.of(statement.arguments(), values, statement.heredocs());
        return new Instruction.Run(origin, command, mounts, network, security, devices);
    }

    private Instruction copy() {
        destinationGiven();
        InstructionFlags flags = flags(COPY_FLAGS);
        return new Instruction.Copy(origin, transfer(flags), flags.text("from"), flags.isTrue("parents"));
    }

    private Instruction add() {
        destinationGiven();
        InstructionFlags flags = flags(ADD_FLAGS);
        return new Instruction.Add(origin, transfer(flags), flags.truth("keep-git-dir"), flags.text("checksum"), flags.truth("unpack"));
    }

    private void destinationGiven() {
        if (values.size() < 2) {
            throw failure(statement.name() + " requires at least two arguments, but only one was provided. Destination could not be determined");
        }
    }

    private Instruction.Transfer transfer(InstructionFlags flags) {
        if (Heredoc.announced(values.getLast()).isPresent()) {
            throw failure(statement.name() + " cannot accept a heredoc as a destination");
        }
        List<String> sources = new ArrayList<>();
        List<Heredoc> contents = new ArrayList<>();
        for (String source : values.subList(0, values.size() - 1)) {
            Optional<Heredoc> announced = Heredoc.announced(source);
            if (announced.isEmpty()) {
                sources.add(source);
                continue;
            }
            contents.add(statement.heredocs().reversed().stream().filter(heredoc -> heredoc.name().equals(announced.get().name())).findFirst()
                    .map(heredoc -> new Heredoc(heredoc.name(), announced.get().expanded(), announced.get().chomped(), heredoc.content()))
                    .orElse(announced.get()));
        }
        return new Instruction.Transfer(sources, contents, values.getLast(), flags.text("chown"), flags.text("chmod"), flags.isTrue("link"),
                flags.texts("exclude"));
    }

    private List<Instruction.Pair> pairs() {
        InstructionFlags.none(statement.flags());
        List<String> all = atLeastOne();
        List<Instruction.Pair> pairs = new ArrayList<>();
        for (int i = 0; i < all.size(); i += 3) {
            if (all.get(i).isEmpty()) {
                throw failure(statement.name() + " names can not be blank");
            }
            pairs.add(new Instruction.Pair(all.get(i), all.get(i + 1), all.get(i + 2).isEmpty()));
        }
        return pairs;
    }

    private Instruction arg() {
        List<Instruction.Argument> arguments = new ArrayList<>();
        for (String value : atLeastOne()) {
            int equals = value.indexOf('=');
            if (equals == 0) {
                throw failure("ARG names can not be blank");
            }
            arguments.add(equals < 0 ? new Instruction.Argument(value, Optional.empty())
                    : new Instruction.Argument(value.substring(0, equals), Optional.of(value.substring(equals + 1))));
        }
        return new Instruction.Arg(origin, arguments);
    }

    private Instruction volume() {
        List<String> paths = some().stream().map(String::strip).toList();
        if (paths.contains("")) {
            throw failure("VOLUME specified can not be an empty string");
        }
        return new Instruction.Volume(origin, paths);
    }

    private CommandLine command() {
        InstructionFlags.none(statement.flags());
        return CommandLine.of(statement.arguments(), values, List.of());
    }

    private Instruction healthcheck() {
        String type = atLeastOne().getFirst().toUpperCase(Locale.ROOT);
        List<String> command = values.subList(1, values.size());
        if (type.equals("NONE")) {
            if (!command.isEmpty()) {
                throw failure("HEALTHCHECK NONE takes no arguments");
            }
            return new Instruction.Healthcheck(origin, Optional.empty(), Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO, 0);
        }
        InstructionFlags flags = flags(HEALTH_FLAGS);
        if (!type.equals("CMD")) {
            throw failure("Unknown type " + Quoted.of(type) + " in HEALTHCHECK (try CMD)");
        }
        if (command.isEmpty()) {
            throw failure("Missing command after HEALTHCHECK CMD");
        }
        Duration interval = time(flags, "interval");
        Duration timeout = time(flags, "timeout");
        Duration startPeriod = time(flags, "start-period");
        Duration startInterval = time(flags, "start-interval");
        int retries = flags.text("retries").isEmpty() ? 0 : FlagValues.number(flags.text("retries"));
        if (retries < 0) {
            throw failure("--retries cannot be negative (" + retries + ")");
        }
        return new Instruction.Healthcheck(origin, Optional.of(CommandLine.of(statement.arguments(), command, List.of())), interval, timeout,
                startPeriod, startInterval, retries);
    }

    private static Duration time(InstructionFlags flags, String name) {
        Duration time = flags.text(name).isEmpty() ? Duration.ZERO : FlagValues.duration(flags.text(name));
        if (!time.isZero() && time.compareTo(SHORTEST) < 0) {
            throw failure("Interval " + Quoted.of(name) + " cannot be less than 1ms");
        }
        return time;
    }

    private Instruction shell() {
        InstructionFlags.none(statement.flags());
        List<String> words = atLeastOne();
        if (!statement.arguments().json()) {
            throw failure("SHELL requires the arguments to be in JSON form");
        }
        return new Instruction.Shell(origin, words);
    }

    private Instruction onBuild() {
        String trigger = some().getFirst().strip().toUpperCase(Locale.ROOT);
        switch (trigger) {
            case "ONBUILD" -> throw failure("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
            case "FROM", "MAINTAINER" -> throw failure(trigger + " isn't allowed as an ONBUILD trigger");
            default -> { }
        }
        StringBuilder text = new StringBuilder(ONBUILD.matcher(statement.code()).replaceFirst(""));
        statement.heredocs().forEach(heredoc -> text.append('\n').append(heredoc.content()).append(heredoc.name()));
        return new Instruction.OnBuild(origin, text.toString());
    }

    private InstructionFlags flags(Map<String, Kind> known) {
        return InstructionFlags.of(statement.flags(), known);
    }

    private List<String> atLeastOne() {
        if (values.isEmpty()) {
            throw failure(statement.name() + " requires at least one argument");
        }
        return values;
    }

    private List<String> some() {
        List<String> some = atLeastOne();
        InstructionFlags.none(statement.flags());
        return some;
    }

    private String one() {
        if (values.size() != 1) {
            throw failure(statement.name() + " requires exactly one argument");
        }
        return values.getFirst();
    }

    private String only() {
        String only = one();
        InstructionFlags.none(statement.flags());
        return only;
    }

    private static DockerfileException failure(String why) {
        return new DockerfileException(why, List.of());
    }
}
