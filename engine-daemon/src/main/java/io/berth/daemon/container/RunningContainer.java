package io.berth.daemon.container;

/** A container in one of its runs, as a place for further processes. The run may be over at any time; {@link #isRunning} tells. */
public final class RunningContainer {

    private final Container container;
    private final long generation;

    RunningContainer(Container container, long generation) {
        this.container = container;
        this.generation = generation;
    }

    public String id() {
        return container.id().hex();
    }

    /** Which start of the container this run is, counted from 1. */
    public long generation() {
        return generation;
    }

    /** Whether this very run goes on. */
    public boolean isRunning() {
        return container.state().isRunning() && container.state().generation() == generation;
    }

    Container container() {
        return container;
    }
}
