package io.berth.daemon.build.dockerfile;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What one {@code RUN} has mounted, with variables expanded and targets absolute. {@code from} is a stage, a named context or an image, as {@link
 * StageGraph#source} knows it; empty for the build context, or for a cache that begins empty.
 */
public sealed interface RunMount {

    /** Where several builds use one cache at a time. */
    enum Sharing { SHARED, PRIVATE, LOCKED }

    /**
     * Whom a made file belongs to.
     *
     * @param mode its permissions
     */
    record Owner(OptionalInt mode, OptionalLong uid, OptionalLong gid) {
    }

    /** A directory or file. What is written to it when it may be written is gone after the step. */
    record Bind(String from, String source, String target, boolean readOnly) implements RunMount {
    }

    /**
     * A directory that the next build finds again.
     *
     * @param id the target, when none was said
     * @param owner of the directory when it is made
     */
    record Cache(String id, String target, String from, String source, Sharing sharing, boolean readOnly, Owner owner) implements RunMount {
    }

    /** @param size its limit in bytes; 0 for none */
    record Tmpfs(String target, long size, boolean readOnly) implements RunMount {
    }

    /**
     * @param target the file, if it is one
     * @param variable of the environment, if it is one
     * @param required whether a build without it fails
     * @param owner with 0400 as its mode, when nothing is said
     */
    record Secret(String id, Optional<String> target, Optional<String> variable, boolean required, Owner owner) implements RunMount {
    }

    /**
     * The socket of a client's agent.
     *
     * @param target empty for a place that the engine chooses
     * @param owner with 0600 as its mode, when nothing is said
     */
    record Ssh(String id, Optional<String> target, boolean required, Owner owner) implements RunMount {
    }
}
