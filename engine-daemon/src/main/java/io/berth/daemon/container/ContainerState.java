package io.berth.daemon.container;

import java.time.Instant;
import java.util.Optional;

/**
 * Where a container is in its life. Values are immutable: whoever reads one has a picture that cannot change under them.
 *
 * <pre>
 *                      Paused
 *                        ▲▼
 *   Created ──start──▶ Running ──exit──▶ Exited ──start──▶ Running
 *      │                 ▲▼                │
 *      │             Restarting ──stop─────┤
 *      └───────────────remove──────────────┴──▶ Removing ──▶ (gone) or Dead
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
     * Its processes stand still. They are there all the same: what is true of a running container is true of a paused one.
     *
     * @param held by the engine itself, for as long as an image is made of it; else by a client
     */
    record Paused(Running run, boolean held) implements ContainerState {
        @Override
        public String word() {
            return "paused";
        }
    }

    /** Its first process has ended, and after a while the engine starts it again. The parameters are those of {@link Exited}. */
    record Restarting(long generation, int exitCode, boolean oomKilled, Instant startedAt, Instant finishedAt) implements ContainerState {
        @Override
        public String word() {
            return "restarting";
        }

        /** When it is not started again after all. */
        Exited given(int exitCode, String error) {
            return new Exited(generation, exitCode, oomKilled, startedAt, finishedAt, error);
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
            case Running ignored -> next instanceof Exited || next instanceof Restarting || next instanceof Paused
                    || next instanceof Running known && known.generation() == generation();
            case Paused ignored -> next instanceof Exited || next instanceof Restarting || next instanceof Running;
            case Restarting ignored -> next instanceof Exited || next instanceof Running;
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
            case Restarting restarting -> restarting.given(exitCode, error);
            case Running ignored -> throw new IllegalStateException("a running container is not started");
            case Paused ignored -> throw new IllegalStateException("a paused container is not started");
            case Removing ignored -> throw new IllegalStateException("a container that is being removed is not started");
            case Dead ignored -> throw new IllegalStateException("a dead container is not started");
        };
    }

    /** How often the container has been started. */
    default long generation() {
        return switch (this) {
            case Created ignored -> 0;
            case Running running -> running.generation();
            case Paused paused -> paused.run().generation();
            case Restarting restarting -> restarting.generation();
            case Exited exited -> exited.generation();
            case Removing removing -> removing.before().generation();
            case Dead dead -> dead.before().generation();
        };
    }

    /** Its present run, paused or not. */
    default Optional<Running> currentRun() {
        return switch (this) {
            case Running running -> Optional.of(running);
            case Paused paused -> Optional.of(paused.run());
            case Created ignored -> Optional.empty();
            case Restarting ignored -> Optional.empty();
            case Exited ignored -> Optional.empty();
            case Removing ignored -> Optional.empty();
            case Dead ignored -> Optional.empty();
        };
    }

    /** Whether it has processes, paused or not. */
    default boolean isRunning() {
        return currentRun().isPresent();
    }

    /** Whether it runs or will do so again by itself: what {@code docker ps} lists, and what has to be stopped before it is removed. */
    default boolean isUp() {
        return isRunning() || this instanceof Restarting;
    }
}
