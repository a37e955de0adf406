package io.berth.daemon.container;

import io.berth.api.http.ApiException;
import io.berth.daemon.failpoint.Failpoint;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes containers apart. */
final class ContainerRemoval {

    private static final Logger LOG = LoggerFactory.getLogger(ContainerRemoval.class);

    private final Containers containers;
    private final RootFilesystem filesystems;
    private final ContainerMounts mounts;
    private final ContainerEvents events;
    private final Consumer<Container> afterwards;
    private final DepartedContainers departed = new DepartedContainers();

    /** @param afterwards told when a container is gone, for those who count the users of images */
    ContainerRemoval(Containers containers, RootFilesystem filesystems, ContainerMounts mounts, ContainerEvents events,
            Consumer<Container> afterwards) {
        this.containers = containers;
        this.filesystems = filesystems;
        this.mounts = mounts;
        this.events = events;
        this.afterwards = afterwards;
    }

    /** Those that removed themselves. */
    DepartedContainers departed() {
        return departed;
    }

    void remove(Container container) {
        remove(container, container.name(), false);
    }

    /**
     * @param called what the client calls it
     * @param volumes whether those go too that were made for it without a name
     * @throws ApiException conflict, when it runs or is being removed already
     */
    void remove(Container container, String called, boolean volumes) {
        container.lifecycle().lock();
        try {
            ContainerState before = container.state();
            if (before.isUp()) {
                throw ApiException.conflict("cannot remove container \"" + called + "\": " + inTheWay(before));
            }
            if (before instanceof ContainerState.Removing || containers.find(container.id().hex()).isEmpty()) {
                throw ApiException.conflict("removal of container " + container.id() + " is already in progress");
            }
            takeApart(container, before, volumes);
        } finally {
            container.lifecycle().unlock();
        }
    }

    private static String inTheWay(ContainerState up) {
        return switch (up) {
            case ContainerState.Paused ignored -> "container is paused and must be unpaused first";
            case ContainerState.Restarting ignored -> "container is restarting: stop the container before removing or force remove";
            default -> "container is running: stop the container before removing or force remove";
        };
    }

    /** The same, content when it is gone already. */
    void removeIfThere(Container container, boolean volumes) {
        container.lifecycle().lock();
        try {
            if (containers.find(container.id().hex()).isPresent()) {
                remove(container, container.name(), volumes);
            }
        } finally {
            container.lifecycle().unlock();
        }
    }

    /** For {@code --rm}: somebody may have removed or restarted it meanwhile. */
    void removeAfterExit(Container container) {
        try {
            departed.add(container);
            remove(container, container.name(), true);
        } catch (ApiException overtaken) {
            LOG.debug("container {} is not removed after its exit: {}", container.id().shortForm(), overtaken.getMessage());
        } catch (RuntimeException failure) {
            LOG.warn("cannot remove container {} after its exit", container.id().shortForm(), failure);
        }
    }

    private void takeApart(Container container, ContainerState before, boolean volumes) {
        ContainerState.Removing removing = new ContainerState.Removing(before);
        container.change(before, removing);
        try {
            container.takePending().forEach(PendingAttachment::close);
            Failpoint.REMOVE_BEGUN.reach();
            if (!volumes) {
                mounts.keep(container); // those made for a container that is not there are removed at the next start
            }
            departed.removed(container);
            containers.removed(container); // before the files: what a crash leaves of those is removed at the next start
            Failpoint.REMOVE_RECORDED.reach();
            filesystems.remove(container.id());
            Failpoint.REMOVE_FILES_TAKEN.reach();
        } catch (RuntimeException failure) {
            container.change(removing, new ContainerState.Dead(before, failure.getMessage()));
            container.removalFailed(failure);
            throw failure;
        }
        letVolumesGo(container, volumes);
        events.publish(container, "destroy");
        container.announceRemoval();
        afterwards.accept(container);
    }

    /** The container is gone by now, and whoever waits for that is told, also when a volume cannot be removed. */
    private void letVolumesGo(Container container, boolean volumes) {
        try {
            mounts.letGo(container.definition().mounts(), container.id(), volumes);
        } catch (RuntimeException failure) {
            LOG.warn("a volume of removed container {} is left", container.id().shortForm(), failure);
        }
    }
}
