package io.berth.daemon.container;

import io.berth.daemon.spec.ContainerSpec;
import io.berth.daemon.spec.HardLimits;
import io.berth.linux.file.RootedDirectory;
import io.berth.linux.kernel.Architecture;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.launch.LaunchFailure;
import io.berth.linux.launch.LaunchPlan;
import io.berth.linux.launch.ProcessSpec;
import io.berth.linux.launch.TableMemory;
import io.berth.linux.security.Capabilities;
import io.berth.linux.security.SeccompCompiler;
import io.berth.linux.security.SeccompProfile;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** From a container's spec to the process the launcher makes, and from a failed step back to the spec's words. */
final class ProcessCompiler {

    private final Kernel kernel;
    private final SeccompCompiler seccomp = new SeccompCompiler(Architecture.current(), SeccompProfile.standard());
    private final HardLimits hardLimits;
    /** Compiled filters by capabilities; there are few. */
    private final Map<Capabilities, byte[]> filters = new ConcurrentHashMap<>();

    ProcessCompiler(Kernel kernel) {
        this.kernel = kernel;
        this.hardLimits = new HardLimits(kernel);
    }

    /** @param root of the container; stays the caller's */
    ContainerUser user(ContainerSpec spec, Fd root) {
        return ContainerUser.find(kernel, RootedDirectory.container(kernel, root), spec.program().user(), spec.program().groups());
    }

    /** The container's first process. */
    ProcessSpec compile(ContainerSpec spec, ContainerUser user) {
        return compile(spec, spec.program(), spec.rights().capabilities(), user);
    }

    /** Another process in it. The filter is the container's all the same, whatever capabilities this one is given. */
    ProcessSpec compile(ContainerSpec spec, ContainerSpec.Program program, Capabilities wanted, ContainerUser user) {
        List<String> environment = new ArrayList<>(program.environment());
        environment.remove("HOME="); // an empty one is none
        if (environment.stream().noneMatch(variable -> variable.startsWith("HOME="))) {
            environment.add("HOME=" + user.home());
        }
        ContainerSpec.Rights rights = spec.rights();
        Capabilities capabilities = wanted.within(Capabilities.bounding());
        Optional<byte[]> filter = rights.filtered() ? Optional.of(filter(rights.capabilities().within(Capabilities.bounding()))) : Optional.empty();
        return new ProcessSpec(ProgramSearch.candidates(program.command().getFirst(), environment), bytes(program.command()),
                bytes(environment), program.workingDirectory().getBytes(StandardCharsets.UTF_8), user.credentials(), capabilities,
                filter, rights.noNewPrivileges(), hardLimits.clamp(program.limits()), Optional.of(program.oomScoreAdjustment()));
    }

    private byte[] filter(Capabilities capabilities) {
        return filters.computeIfAbsent(capabilities, kept -> seccomp.filter(kept).instructions());
    }

    /** In words for the client: a program that was not found, or the step at which the kernel refused. */
    StartFailure failure(String program, LaunchPlan plan, TableMemory results, int step, Errno errno) {
        List<LaunchPlan.Step> steps = plan.steps();
        if (!steps.get(step).isExecution()) {
            return StartFailure.ofProcess(StartFailure.NOT_STARTED, new LaunchFailure(steps.get(step).name(), errno).getMessage());
        }
        List<Errno> errors = new ArrayList<>();
        for (int i = 0; i < steps.size(); i++) {
            if (steps.get(i).isExecution()) {
                errors.add(Errno.of((int) -results.result(i)));
            }
        }
        return ProgramSearch.failure(program, errors);
    }

    private static List<byte[]> bytes(List<String> texts) {
        return texts.stream().map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();
    }
}
