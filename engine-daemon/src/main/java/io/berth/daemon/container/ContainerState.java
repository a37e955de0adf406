package io.berth.daemon.container;

import java.time.Instant;

/**
 * Where a container is in its life. Values are immutable: whoever reads one has a picture that cannot change under them.
 *
 * <pre>
 *   Created ──start──▶ Running ──exit──▶ Exited ──start──▶ Running
 *      └───────────────────┴──remove──────┴──▶ Removing ──▶ (gone) or Dead
 * </pre>
 */
public sealed interface ContainerState {

    /** The word of the API: {@code created}, {@code running}, … */
    String word();

    /**
     * Never ran, or could not be started.
     *
     * @param exitCode what {@code docker run} exits with after a failed start, 0 before any
     * @param error why the last start failed, empty before any
     */
    record Created(int exitCode, String error) implements ContainerState {
        @Override
        public String word() {
            return "created";
        }
    }

    /**
     * Its first process runs.
     *
     * @param generation which start this is, counted from 1
     * @param pid of the first process on the host
     */
    record Running(long generation, int pid, Instant startedAt) implements ContainerState {
        @Override
        public String word() {
            return "running";
        }
    }

    /**
     * Its first process has ended.
     *
     * @param exitCode 0 to 255; 128 + n when signal n ended it
     * @param error why the last start failed, when it did after earlier ones had succeeded; else empty
     */
    record Exited(long generation, int exitCode, boolean oomKilled, Instant startedAt, Instant finishedAt, String error)
            implements ContainerState {
        @Override
        public String word() {
            return "exited";
        }
    }

    /** Being taken apart. */
    record Removing(ContainerState before) implements ContainerState {
        @Override
        public String word() {
            return "removing";
        }
    }

    /** Taken apart, but something could not be removed. */
    record Dead(ContainerState before, String error) implements ContainerState {
        @Override
        public String word() {
            return "dead";
        }
    }

    /** Whether a container in this state may come into {@code next}. */
    default boolean mayBecome(ContainerState next) {
        return switch (this) {
            case Created ignored -> next instanceof Created || next instanceof Running || next instanceof Removing;
            case Running ignored -> next instanceof Exited;
            case Exited ignored -> next instanceof Running || next instanceof Removing || next instanceof Exited;
            case Removing ignored -> next instanceof Dead;
            case Dead ignored -> next instanceof Removing;
        };
    }

    /** What becomes of a container in this state that could not be started. */
    default ContainerState afterFailedStart(int exitCode, String error) {
        return switch (this) {
            case Created ignored -> new Created(exitCode, error);
            case Exited exited -> new Exited(exited.generation(), exitCode, false, exited.startedAt(), exited.finishedAt(), error);
            case Running ignored -> throw new IllegalStateException("a running container is not started");
            case Removing ignored -> throw new IllegalStateException("a container that is being removed is not started");
            case Dead ignored -> throw new IllegalStateException("a dead container is not started");
        };
    }

    /** How often the container has been started. */
    default long generation() {
        return switch (this) {
            case Created ignored -> 0;
            case Running running -> running.generation();
            case Exited exited -> exited.generation();
            case Removing removing -> removing.before().generation();
            case Dead dead -> dead.before().generation();
        };
    }

    default boolean isRunning() {
        return this instanceof Running;
    }
}
