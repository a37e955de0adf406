/**
 * The text of a Dockerfile, up to what its instructions mean; nothing is read, asked or run here.
 *
 * <p>{@link io.berth.daemon.build.dockerfile.Dockerfile#parse} turns a {@link io.berth.daemon.build.dockerfile.DockerfileSource} into stages of
 * typed {@link io.berth.daemon.build.dockerfile.Instruction}s. {@link io.berth.daemon.build.dockerfile.StageGraph} adds what a build was asked
 * for and says which stages it takes and what each stands on. A {@link io.berth.daemon.build.dockerfile.StageScope} goes through one stage,
 * instruction by instruction, and expands variables with what is set at that point. On the way all three tell
 * {@link io.berth.daemon.build.dockerfile.Checks} what is legal but unwise. {@link io.berth.daemon.build.dockerfile.IgnoreFile} is
 * {@code .dockerignore}.
 *
 * <p>The language is that of docker/dockerfile 1 (its reference manual, and what BuildKit does where that is silent). Messages are the
 * reference's; an error has the lines of its instruction also where the reference has none. What a hostile file could make large is
 * bounded: {@link io.berth.daemon.build.dockerfile.Bounds}.
 */
package io.berth.daemon.build.dockerfile;
