package io.berth.daemon.build.dockerfile;

import io.berth.store.content.StoreException;
import io.berth.store.image.ImageReference;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The stages of one build: what each stands on and takes files from, and which of them the asked one needs. Nothing is known yet of what a base
 * image has.
 */
public final class StageGraph {

    private static final String SCRATCH = "scratch";

    private final Dockerfile file;
    private final BuildInputs inputs;
    private final GlobalArguments arguments;
    /** The last stage of a name, in the end. */
    private final Map<String, Integer> byName = new HashMap<>();
    private final List<PlannedStage> stages = new ArrayList<>();
    private final int target;
    private final AtomicLong inherited = new AtomicLong();
    private int triggers;

    private StageGraph(Dockerfile file, BuildInputs inputs, Checks checks) {
        this.file = file;
        this.inputs = inputs;
        Map<String, String> predefined = inputs.predefined(inputs.stage().or(() -> file.stages().getLast().name()).orElse(""));
        FromReading.checkDefaults(file, predefined, checks);
        this.arguments = GlobalArguments.of(file, predefined, inputs.arguments());
        List<FromReading> froms = new ArrayList<>();
        List<StageSource> bases = new ArrayList<>();
        for (Stage stage : file.stages()) {
            FromReading from = FromReading.of(file, stage, arguments, checks);
            froms.add(from);
            bases.add(base(stage, from.name()));
            stage.name().ifPresent(name -> byName.put(name, stage.index()));
        }
        this.target = targetIndex();
        for (Stage stage : file.stages()) {
            StageSource base = bases.get(stage.index());
            List<Instruction> instructions = instructions(stage, base);
            stages.add(new PlannedStage(stage, base, froms.get(stage.index()).platform(), instructions, uses(instructions)));
        }
        refuseCycles();
    }

    /**
     * @param checks told of what is legal but unwise
     * @throws DockerfileException when a FROM leads nowhere, the asked stage is not there, or stages need each other
     */
    public static StageGraph of(Dockerfile file, BuildInputs inputs, Checks checks) {
        try {
            return new StageGraph(file, inputs, checks);
        } catch (DockerfileException refused) {
            throw refused.in(file.source());
        }
    }

    private StageSource base(Stage stage, String name) {
        if (stage.name().filter(inputs.contexts()::has).isPresent()) {
            return new StageSource.OfContext(stage.name().orElseThrow());
        }
        Optional<Integer> before = Optional.ofNullable(byName.get(name));
        return before.isPresent() ? new StageSource.OfStage(before.get()) : external(name, stage.lines());
    }

    private StageSource external(String name, LineRange lines) {
        if (name.equals(SCRATCH)) {
            return new StageSource.Scratch();
        }
        if (inputs.contexts().has(name)) {
            return new StageSource.OfContext(name);
        }
        try {
            return new StageSource.OfImage(ImageReference.parse(name).withDefaultTag());
        } catch (StoreException refused) {
            throw DockerfileException.at(lines, "failed to parse stage name " + Quoted.of(name) + ": " + refused.getMessage());
        }
    }

    private List<Instruction> instructions(Stage stage, StageSource base) {
        if (base instanceof StageSource.OfContext context && stage.name().filter(context.name()::equals).isPresent()) {
            return List.of();
        }
        if (!(base instanceof StageSource.OfStage below)) {
            return stage.instructions();
        }
        List<Instruction> all = new ArrayList<>();
        for (Instruction instruction : file.stages().get(below.index()).instructions()) {
            if (instruction instanceof Instruction.OnBuild later) {
                all.add(Dockerfile.trigger(later.trigger(), stage.lines()));
                if (++triggers > Bounds.TRIGGERS) {
                    throw DockerfileException.at(stage.lines(), "build " + file.source().name() + ": stages have more than " + Bounds.TRIGGERS
                            + " triggers of ONBUILD in all");
                }
            }
        }
        all.addAll(stage.instructions());
        return all;
    }

    private Map<Integer, LineRange> uses(List<Instruction> instructions) {
        Map<Integer, LineRange> uses = new LinkedHashMap<>();
        for (Instruction instruction : instructions) {
            List<StageSource> sources = switch (instruction) {
                case Instruction.Copy copy -> source(copy).stream().toList();
                case Instruction.Run run -> run.mounts().stream().flatMap(mount -> source(mount.from(), run.origin().lines()).stream()).toList();
                default -> List.of();
            };
            for (StageSource source : sources) {
                if (source instanceof StageSource.OfStage stage) {
                    uses.put(stage.index(), instruction.origin().lines());
                }
            }
        }
        return uses;
    }

    /**
     * What {@code COPY --from} means: a stage by its name or number, a named context, or an image.
     *
     * @return nothing for the build context
     */
    public Optional<StageSource> source(Instruction.Copy copy) {
        LineRange lines = copy.origin().lines();
        try {
            if (!new Expansion(file.directives().escape()).text(copy.from(), Variables.none()).equals(copy.from())) {
                throw new DockerfileException("variable expansion is not supported for --from, define a new stage with FROM using ARG from global"
                        + " scope as a workaround", List.of());
            }
        } catch (DockerfileException refused) {
            throw refused.orAt(lines);
        }
        if (!copy.from().matches("[+-]?[0-9]{1,9}")) {
            return source(copy.from(), lines);
        }
        int index = Integer.parseInt(copy.from());
        if (index < 0 || index >= file.stages().size()) {
            throw DockerfileException.at(lines, "invalid stage index " + index);
        }
        return Optional.of(new StageSource.OfStage(index));
    }

    /**
     * What {@code from} of a mount means.
     *
     * @param lines of the instruction
     * @return nothing for the build context
     */
    public Optional<StageSource> source(String from, LineRange lines) {
        if (from.isEmpty()) {
            return Optional.empty();
        }
        Optional<Integer> index = Optional.ofNullable(byName.get(from.toLowerCase(Locale.ROOT)));
        return Optional.of(index.isPresent() ? new StageSource.OfStage(index.get()) : external(from, lines));
    }

    private int targetIndex() {
        if (inputs.stage().isEmpty()) {
            return file.stages().size() - 1;
        }
        String wanted = inputs.stage().get();
        Integer index = byName.get(wanted.toLowerCase(Locale.ROOT));
        if (index == null) {
            List<String> names = file.stages().stream().map(Stage::displayName).toList();
            throw new DockerfileException("target stage " + Quoted.of(wanted) + " could not be found"
                    + Suggestion.hint(Suggestion.of(wanted, names)), List.of());
        }
        return index;
    }

    /** Depth first, without recursion: a chain may be as long as the file has stages. */
    private void refuseCycles() {
        BitSet seen = new BitSet();
        BitSet onPath = new BitSet();
        for (PlannedStage first : stages) {
            Deque<Visit> path = new ArrayDeque<>();
            enter(path, first.index(), seen, onPath);
            while (!path.isEmpty()) {
                Visit visit = path.getLast();
                if (!visit.remaining().hasNext()) {
                    onPath.clear(path.removeLast().stage());
                    continue;
                }
                int next = visit.remaining().next();
                if (onPath.get(next)) {
                    List<LineRange> lines = new ArrayList<>();
                    Visit user = path.pollFirst();
                    for (; !path.isEmpty(); user = path.pollFirst()) {
                        lines.add(stages.get(user.stage()).uses().get(path.getFirst().stage()));
                    }
                    lines.add(stages.get(user.stage()).uses().get(next));
                    throw new DockerfileException("circular dependency detected on stage: " + first.stage().displayName(), lines);
                }
                enter(path, next, seen, onPath);
            }
        }
    }

    private record Visit(int stage, Iterator<Integer> remaining) {
    }

    private void enter(Deque<Visit> path, int stage, BitSet seen, BitSet onPath) {
        if (!seen.get(stage)) {
            seen.set(stage);
            onPath.set(stage);
            path.addLast(new Visit(stage, stages.get(stage).uses().keySet().iterator()));
        }
    }

    public Dockerfile file() {
        return file;
    }

    public BuildInputs inputs() {
        return inputs;
    }

    /** @throws DockerfileException when stages hand down more variables than memory should be spent for */
    void inherit(int variables) {
        if (inherited.addAndGet(variables) > Bounds.INHERITED) {
            throw new DockerfileException("build " + file.source().name() + ": its stages inherit more than " + Bounds.INHERITED
                    + " variables in all", List.of());
        }
    }

    GlobalArguments arguments() {
        return arguments;
    }

    /** All stages, in the order of the file. */
    public List<PlannedStage> stages() {
        return stages;
    }

    public PlannedStage target() {
        return stages.get(target);
    }

    /** The stages that the target takes, itself included, in the order of the file. The others need not be built. */
    public List<PlannedStage> needed() {
        BitSet needed = new BitSet();
        Deque<Integer> open = new ArrayDeque<>(List.of(target));
        while (!open.isEmpty()) {
            PlannedStage stage = stages.get(open.removeLast());
            if (needed.get(stage.index())) {
                continue;
            }
            needed.set(stage.index());
            open.addAll(stage.uses().keySet());
            if (stage.base() instanceof StageSource.OfStage below) {
                open.add(below.index());
            }
        }
        return needed.stream().mapToObj(stages::get).toList();
    }
}
