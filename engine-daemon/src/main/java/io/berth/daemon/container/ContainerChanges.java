package io.berth.daemon.container;

import io.berth.api.http.ApiException;
import io.berth.api.wire.container.HostConfig;
import io.berth.daemon.failpoint.Failpoint;
import io.berth.daemon.spec.Definition;
import io.berth.daemon.spec.LimitUpdate;
import io.berth.daemon.spec.SpecCompiler;
import io.berth.linux.cgroup.CgroupException;
import io.berth.linux.cgroup.CgroupTree;
import io.berth.linux.cgroup.ContainerCgroup;
import io.berth.linux.cgroup.Limits;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Changes of what a container is to be, after it was made. */
final class ContainerChanges {

    private static final Logger LOG = LoggerFactory.getLogger(ContainerChanges.class);

    private final Containers containers;
    private final SpecCompiler compiler;
    private final CgroupTree cgroups;
    private final ContainerEvents events;
    private final Consumer<Container> renamed;

    /** @param renamed told of a container that has another name, while its lifecycle is held */
    ContainerChanges(Containers containers, SpecCompiler compiler, CgroupTree cgroups, ContainerEvents events, Consumer<Container> renamed) {
        this.containers = containers;
        this.compiler = compiler;
        this.cgroups = cgroups;
        this.events = events;
        this.renamed = renamed;
    }

    /** @throws ApiException invalid or conflict, in the reference engine's words */
    void rename(Container container, String name) {
        String bare = name.startsWith("/") ? name.substring(1) : name;
        container.lifecycle().lock();
        try {
            String old = container.name();
            if (old.equals(bare)) {
                throw ApiException.invalid("Renaming a container with the same name as its current name");
            }
            if (containers.find(container.id().hex()).isEmpty()) {
                throw ApiException.notFound("No such container: " + container.id());
            }
            reservable(bare);
            containers.rename(container, bare, compiler);
            renamed.accept(container);
            events.publish(container, "rename", Map.of("oldName", "/" + old));
        } catch (ApiException refused) {
            throw refused.kind() == ApiException.Kind.CONFLICT
                    ? ApiException.conflict("Error when allocating new name: " + refused.getMessage()) : refused;
        } finally {
            container.lifecycle().unlock();
        }
    }

    private static void reservable(String name) {
        if (!name.matches(ContainerCreation.NAME)) {
            throw ApiException.invalid("Error when allocating new name: Invalid container name (/" + name
                    + "), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed");
        }
    }

    /**
     * Changes limits and the restart policy, in the kernel first: what it refuses is nowhere changed.
     *
     * @return warnings
     * @throws ApiException invalid or conflict, in the reference engine's words
     */
    List<String> update(Container container, HostConfig asked) {
        container.lifecycle().lock();
        try {
            ContainerState state = container.state();
            if (state instanceof ContainerState.Removing || state instanceof ContainerState.Dead) {
                throw ApiException.conflict("container is marked for removal and cannot be \"update\".");
            }
            LimitUpdate update = LimitUpdate.of(container.definition().hostConfig(), asked, cgroups.support());
            Optional<ContainerCgroup> running = state.currentRun().map(run -> cgroups.existing(container.id().hex()));
            Definition changed = container.definition().with(update.result());
            running.ifPresent(cgroup -> apply(container, changed, cgroup, update.limits()));
            containers.redefine(container, changed, compiler);
            Failpoint.UPDATE_RECORDED.reach();
            events.publish(container, "update");
            return update.warnings();
        } catch (ApiException refused) {
            throw refused.kind() == ApiException.Kind.CONFLICT ? ApiException.conflict(attempt(container) + refused.getMessage()) : refused;
        } catch (CgroupException refused) {
            throw new ApiException(ApiException.Kind.INTERNAL, attempt(container) + refused.getMessage(), refused);
        } finally {
            container.lifecycle().unlock();
        }
    }

    /** In the kernel, with a note for the next daemon. */
    private void apply(Container container, Definition changed, ContainerCgroup cgroup, Limits limits) {
        containers.intend(changed);
        Failpoint.UPDATE_INTENDED.reach();
        try {
            cgroup.update(limits);
        } catch (RuntimeException refused) {
            containers.giveUp(container);
            throw refused;
        }
        Failpoint.UPDATE_APPLIED.reach();
    }

    /**
     * Brings an update to its end that the daemon before this one did not live to finish: all of it is so, or nothing. One that has no
     * processes any more stays as it was.
     *
     * @param alive whether its process is there
     */
    void finish(Container container, boolean alive) {
        containers.intended(container).ifPresent(changed -> {
            if (!alive) {
                containers.giveUp(container);
                return;
            }
            try {
                cgroups.existing(container.id().hex()).update(compiler.compile(changed).limits());
                containers.redefine(container, changed, compiler);
            } catch (RuntimeException refused) {
                LOG.warn("container {} keeps its limits: {}", container.name(), refused.getMessage());
                containers.giveUp(container);
            }
        });
    }

    private static String attempt(Container container) {
        return "Cannot update container " + container.id() + ": ";
    }
}
