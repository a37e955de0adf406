package io.berth.daemon.container;

import io.berth.api.http.ApiException;
import io.berth.api.wire.container.HostConfig;
import io.berth.linux.cgroup.CgroupException;
import io.berth.linux.cgroup.CgroupTree;
import io.berth.linux.cgroup.ContainerCgroup;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Changes of what a container is to be, after it was made. */
final class ContainerChanges {

    private final Containers containers;
    private final SpecCompiler compiler;
    private final CgroupTree cgroups;
    private final ContainerEvents events;

    ContainerChanges(Containers containers, SpecCompiler compiler, CgroupTree cgroups, ContainerEvents events) {
        this.containers = containers;
        this.compiler = compiler;
        this.cgroups = cgroups;
        this.events = events;
    }

    /** @throws ApiException invalid or conflict, in the reference engine's words */
    void rename(Container container, String name) {
        String bare = name.startsWith("/") ? name.substring(1) : name;
        if (bare.isEmpty()) {
            throw ApiException.invalid("Neither old nor new names may be empty");
        }
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
            running.ifPresent(cgroup -> cgroup.update(update.limits()));
            containers.redefine(container, container.definition().with(update.result()), compiler);
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

    private static String attempt(Container container) {
        return "Cannot update container " + container.id() + ": ";
    }
}
