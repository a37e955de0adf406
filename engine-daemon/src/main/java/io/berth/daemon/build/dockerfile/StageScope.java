package io.berth.daemon.build.dockerfile;

import io.berth.api.http.ApiException;
import io.berth.daemon.spec.Signals;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One stage, gone through instruction by instruction: which variables have which values, and what an instruction means with them. Every instruction
 * goes through {@link #expand} once, in order; ENV, ARG and WORKDIR count for those behind them. For one thread.
 */
public final class StageScope {

    private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    /** Arguments that speak to the builder and are in no environment. */
    private static final Set<String> FOR_THE_BUILDER = Set.of("BUILDKIT_SBOM_SCAN_CONTEXT", "BUILDKIT_SBOM_SCAN_STAGE");
    private static final Expansion HEREDOC = new Expansion('\\', Expansion.Option.QUOTES_MEAN_NOTHING);

    private final StageGraph graph;
    private final PlannedStage stage;
    private final MeaningChecks checks;
    private final Expansion expansion;
    private final Map<String, String> environment;
    private final Set<String> declared;
    private String workingDirectory;
    private boolean ownWorkingDirectory;
    private boolean shell;
    private long budget = Bounds.STAGE_VALUES;

    private StageScope(StageGraph graph, PlannedStage stage, Checks checks, Optional<IgnoreFile> ignored, Map<String, String> environment,
            Set<String> declared) {
        this.graph = graph;
        this.stage = stage;
        this.checks = new MeaningChecks(checks, ignored);
        this.expansion = new Expansion(graph.file().directives().escape());
        this.environment = environment;
        this.declared = declared;
    }

    /**
     * A stage on an image, a context or nothing. The image's triggers are the caller's: they are read by {@link Dockerfile#trigger} and go through
     * here first.
     *
     * @param ignored what the build context leaves out, if that is known
     */
    public static StageScope on(BaseImage image, StageGraph graph, PlannedStage stage, Checks checks, Optional<IgnoreFile> ignored) {
        StageScope scope = bare(image, graph, stage, checks, ignored);
        scope.environment.putIfAbsent("PATH", PATH);
        return scope;
    }

    /** With no variable that the image does not have. */
    static StageScope bare(BaseImage image, StageGraph graph, PlannedStage stage, Checks checks, Optional<IgnoreFile> ignored) {
        Map<String, String> environment = new LinkedHashMap<>();
        image.environment().forEach(entry -> environment.put(Variables.pair(entry).getFirst(), Variables.pair(entry).getLast()));
        StageScope scope = new StageScope(graph, stage, checks, ignored, environment, new HashSet<>());
        scope.workingDirectory = Paths.join("/", image.workingDirectory());
        scope.shell = image.shell();
        return scope;
    }

    /** A stage on another one, which has been gone through to its end. */
    public static StageScope on(StageScope below, PlannedStage stage, Checks checks, Optional<IgnoreFile> ignored) {
        below.graph.inherit(below.environment.size());
        StageScope scope = new StageScope(below.graph, stage, checks, ignored, new LinkedHashMap<>(below.environment),
                new HashSet<>(below.declared));
        scope.workingDirectory = below.workingDirectory;
        scope.ownWorkingDirectory = below.ownWorkingDirectory;
        scope.shell = below.shell;
        return scope;
    }

    /** What a RUN at this point has: the image's variables and this stage's, arguments among them. */
    public Map<String, String> environment() {
        return Map.copyOf(environment);
    }

    /** Absolute. */
    public String workingDirectory() {
        return workingDirectory;
    }

    /**
     * The instruction with values for variables. Paths of WORKDIR and destinations are absolute, ports are single.
     *
     * @throws DockerfileException when something cannot be expanded, or has no meaning with these values
     */
    public Instruction expand(Instruction written) {
        checks.begin(written.origin());
        try {
            return expanded(written);
        } catch (DockerfileException refused) {
            throw refused.orAt(written.origin().lines()).in(graph.file().source());
        }
    }

    /** What a RUN, expanded at this point, has mounted. */
    public List<RunMount> mounts(Instruction.Run run) {
        try {
            return run.mounts().stream().map(mount -> mount.resolve(this::word, workingDirectory)).peek(this::reachable).toList();
        } catch (DockerfileException refused) {
            throw refused.orAt(run.origin().lines()).in(graph.file().source());
        }
    }

    private Instruction expanded(Instruction written) {
        return switch (written) {
            case Instruction.Env env -> env(env);
            case Instruction.Label label -> new Instruction.Label(label.origin(), checks.pairs(label.origin(), pairs(label.labels())));
            case Instruction.Arg arg -> arg(arg);
            case Instruction.Workdir workdir -> workdir(workdir);
            case Instruction.User user -> new Instruction.User(user.origin(), word(user.user()));
            case Instruction.Volume volume -> volume(volume);
            case Instruction.Expose expose -> expose(expose);
            case Instruction.StopSignal signal -> signal(signal);
            case Instruction.Copy copy -> copy(copy);
            case Instruction.Add add -> add(add);
            case Instruction.Run run -> {
                mounts(run);
                yield run;
            }
            case Instruction.Shell words -> {
                shell = true;
                yield words;
            }
            case Instruction.Cmd cmd -> checks.command(cmd, cmd.command(), shell);
            case Instruction.Entrypoint entrypoint -> checks.command(entrypoint, entrypoint.command(), shell);
            case Instruction.Healthcheck health -> checks.once(health);
            case Instruction.OnBuild later -> later;
            case Instruction.Maintainer maintainer -> maintainer;
            case Instruction.From from -> throw new IllegalArgumentException("FROM begins a stage: " + from.origin().code());
        };
    }

    private Instruction env(Instruction.Env env) {
        List<Instruction.Pair> pairs = checks.pairs(env.origin(), pairs(env.variables())); // one does not see another of the same instruction
        for (Instruction.Pair pair : pairs) {
            checks.secret("ENV", pair.name());
            set(pair.name(), pair.value());
        }
        return new Instruction.Env(env.origin(), pairs);
    }

    private List<Instruction.Pair> pairs(List<Instruction.Pair> written) {
        return written.stream().map(pair -> new Instruction.Pair(word(pair.name()), word(pair.value()), pair.legacy())).toList();
    }

    private Instruction arg(Instruction.Arg arg) {
        List<Instruction.Argument> arguments = new ArrayList<>();
        for (Instruction.Argument argument : arg.arguments()) {
            String name = argument.name();
            checks.secret("ARG", name);
            Optional<String> value = Optional.ofNullable(graph.inputs().arguments().get(name))
                    .or(() -> argument.value().map(this::word))
                    .or(() -> graph.arguments().value(name));
            if (!FOR_THE_BUILDER.contains(name)) {
                value.ifPresent(known -> set(name, known));
            }
            declared.add(name);
            arguments.add(new Instruction.Argument(name, value));
        }
        return new Instruction.Arg(arg.origin(), arguments);
    }

    private void set(String name, String value) {
        environment.put(name, value);
        if (environment.size() > Bounds.VARIABLES) {
            throw failure("more than " + Bounds.VARIABLES + " variables are set in one stage");
        }
    }

    private Instruction workdir(Instruction.Workdir written) {
        String path = word(written.path());
        if (!ownWorkingDirectory && !path.startsWith("/")) {
            checks.report(Check.WORKDIR_RELATIVE_PATH, "Relative workdir " + Quoted.of(path)
                    + " can have unexpected results if the base image changes");
        }
        ownWorkingDirectory = true;
        workingDirectory = path.startsWith("/") ? Paths.clean(path) : Paths.join(workingDirectory, path);
        return new Instruction.Workdir(written.origin(), workingDirectory);
    }

    private Instruction volume(Instruction.Volume volume) {
        List<String> paths = volume.paths().stream().map(this::word).toList();
        if (paths.contains("")) {
            throw failure("VOLUME specified can not be an empty string");
        }
        return new Instruction.Volume(volume.origin(), paths);
    }

    private Instruction expose(Instruction.Expose expose) {
        List<String> words = new ArrayList<>();
        Variables variables = Variables.of(environment);
        expose.ports().forEach(port -> words.addAll(expansion.expand(port, variables).words()));
        return new Instruction.Expose(expose.origin(), ExposedPorts.of(words, checks::report));
    }

    private Instruction signal(Instruction.StopSignal written) {
        String signal = word(written.signal());
        try {
            Signals.parse(signal);
        } catch (ApiException refused) {
            throw failure(refused.getMessage());
        }
        return new Instruction.StopSignal(written.origin(), signal);
    }

    private Instruction copy(Instruction.Copy copy) {
        Optional<StageSource> source = graph.source(copy);
        String owner = word(copy.files().owner());
        String mode = word(copy.files().mode());
        Instruction.Transfer files = transfer(copy.files(), owner, mode);
        source.ifPresent(from -> {
            if (from instanceof StageSource.OfStage(int index) && index >= stage.index()) {
                throw failure("cannot copy from stage " + Quoted.of(copy.from()) + ", it needs to be defined before current stage "
                        + Quoted.of(stage.stage().displayName()));
            }
        });
        checkMode(mode);
        for (String path : files.sources()) {
            switch (RemoteSource.of(path)) {
                case GIT -> throw failure("source can't be a git ref for COPY");
                case HTTP -> throw failure("source can't be a URL for COPY");
                case LOCAL -> { }
            }
            if (source.isEmpty()) {
                checks.ignored("Copy", path);
            }
        }
        return new Instruction.Copy(copy.origin(), files, copy.from(), copy.parents());
    }

    private Instruction add(Instruction.Add add) {
        String owner = word(add.files().owner());
        String mode = word(add.files().mode());
        String checksum = word(add.checksum());
        Instruction.Transfer files = transfer(add.files(), owner, mode);
        checkMode(mode);
        if (!checksum.isEmpty()) {
            if (files.sources().size() != 1) {
                throw failure("checksum can't be specified for multiple sources");
            }
            if (RemoteSource.of(files.sources().getFirst()) == RemoteSource.LOCAL) {
                throw failure("checksum requires HTTP(S) or Git sources");
            }
        }
        files.sources().stream().filter(path -> RemoteSource.of(path) == RemoteSource.LOCAL).forEach(path -> checks.ignored("Add", path));
        return new Instruction.Add(add.origin(), files, add.keepGitDirectory(), checksum, add.unpack());
    }

    private Instruction.Transfer transfer(Instruction.Transfer files, String owner, String mode) {
        List<String> sources = files.sources().stream().map(this::word).toList();
        String destination = absolute(word(files.destination()));
        List<Heredoc> contents = files.contents().stream().map(heredoc -> new Heredoc(heredoc.name(), heredoc.expanded(), false,
                heredoc.expanded() ? value(HEREDOC.expand(heredoc.text(), Variables.of(environment))) : heredoc.text())).toList();
        return new Instruction.Transfer(sources, contents, destination, owner, mode, files.link(), files.excluded());
    }

    private static void checkMode(String mode) {
        if (!mode.isEmpty()) {
            FileMode.of(mode);
        }
    }

    /** With a slash at its end when it must be a directory. */
    private String absolute(String path) {
        String place = path.startsWith("/") ? Paths.clean(path) : Paths.join(workingDirectory, path);
        boolean directory = path.isEmpty() || path.equals(".") || path.endsWith("/") || path.endsWith("/.");
        return directory && !place.endsWith("/") ? place + "/" : place;
    }

    private void reachable(RunMount mount) {
        String from = switch (mount) {
            case RunMount.Bind bind -> bind.from();
            case RunMount.Cache cache -> cache.from();
            case RunMount.Tmpfs tmpfs -> "";
            case RunMount.Secret secret -> "";
            case RunMount.Ssh ssh -> "";
        };
        if (graph.source(from, stage.stage().lines()).filter(source -> source instanceof StageSource.OfStage(int index) && index >= stage.index())
                .isPresent()) {
            String target = mount instanceof RunMount.Bind bind ? bind.target() : ((RunMount.Cache) mount).target();
            throw failure("cannot mount from stage " + Quoted.of(from) + " to " + Quoted.of(target)
                    + ", stage needs to be defined before current command");
        }
    }

    private String word(String written) {
        return value(expansion.expand(written, Variables.of(environment), this::undefined));
    }

    private void undefined(Set<String> names) {
        if (!names.isEmpty()) {
            Set<String> unknown = new LinkedHashSet<>(names);
            unknown.removeAll(declared);
            unknown.removeAll(FOR_THE_BUILDER);
            checks.undefined(unknown, environment.keySet());
        }
    }

    private String value(Expansion.Expanded expanded) {
        undefined(expanded.unknown());
        budget -= expanded.text().length();
        if (budget < 0) {
            throw failure("the values of one stage are longer than " + Bounds.STAGE_VALUES + " characters in all");
        }
        return expanded.text();
    }

    private static DockerfileException failure(String why) {
        return new DockerfileException(why, List.of());
    }
}
