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
    private final ContainerEvents events;
    private final Consumer<Container> afterwards;

    /** @param afterwards told when a container is gone, for those who count the users of images */
    ContainerRemoval(Containers containers, RootFilesystem filesystems, ContainerEvents events, Consumer<Container> afterwards) {
        this.containers = containers;
        this.filesystems = filesystems;
        this.events = events;
        this.afterwards = afterwards;
    }

    void remove(Container container) {
        remove(container, container.name());
    }

    /**
     * @param called what the client calls it
     * @throws ApiException conflict, when it runs or is being removed already
     */
    void remove(Container container, String called) {
        container.lifecycle().lock();
        try {
            ContainerState before = container.state();
            if (before.isUp()) {
                throw ApiException.conflict("cannot remove container \"" + called + "\": " + inTheWay(before));
            }
            if (before instanceof ContainerState.Removing || containers.find(container.id().hex()).isEmpty()) {
                throw ApiException.conflict("removal of container " + container.id() + " is already in progress");
            }
            takeApart(container, before);
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
    void removeIfThere(Container container) {
        container.lifecycle().lock();
        try {
            if (containers.find(container.id().hex()).isPresent()) {
                remove(container);
            }
        } finally {
            container.lifecycle().unlock();
        }
    }

    /** For {@code --rm}: somebody may have removed or restarted it meanwhile. */
    void removeAfterExit(Container container) {
        try {
            remove(container);
        } catch (ApiException overtaken) {
            LOG.debug("container {} is not removed after its exit: {}", container.id().shortForm(), overtaken.getMessage());
        } catch (RuntimeException failure) {
            LOG.warn("cannot remove container {} after its exit", container.id().shortForm(), failure);
        }
    }

    private void takeApart(Container container, ContainerState before) {
        ContainerState.Removing removing = new ContainerState.Removing(before);
        container.change(before, removing);
        try {
            container.takePending().forEach(PendingAttachment::close);
            Failpoint.REMOVE_BEGUN.reach();
            containers.removed(container); // before the files: what a crash leaves of those is removed at the next start
            Failpoint.REMOVE_RECORDED.reach();
            filesystems.remove(container.id());
            Failpoint.REMOVE_FILES_TAKEN.reach();
        } catch (RuntimeException failure) {
            container.change(removing, new ContainerState.Dead(before, failure.getMessage()));
            throw failure;
        }
        events.publish(container, "destroy");
        container.removed().complete(container.exitCode());
        afterwards.accept(container);
    }
}
