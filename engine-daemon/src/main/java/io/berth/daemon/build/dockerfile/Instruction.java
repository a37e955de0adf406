package io.berth.daemon.build.dockerfile;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What one line of a Dockerfile asks for. As parsed, texts have their variables, quotes and escapes; {@link StageScope#expand} gives the same
 * instruction without them. An empty text stands for what was not said.
 */
public sealed interface Instruction {

    Origin origin();

    /**
     * Where it comes from.
     *
     * @param keyword as written, in any case
     * @param code the whole instruction, continued lines joined
     * @param comments right above it, without hashes
     */
    record Origin(String keyword, String code, LineRange lines, List<String> comments) {

        static Origin of(Statement statement) {
            return new Origin(statement.keyword(), statement.code().strip(), statement.lines(), statement.comments());
        }

        /** What the comment says of {@code name}: {@code # name the rest}. */
        public Optional<String> description(String name) {
            return comments.stream().filter(comment -> !name.isEmpty() && comment.startsWith(name + " ")).findFirst()
                    .map(comment -> comment.substring(name.length() + 1));
        }
    }

    /**
     * A name and its value.
     *
     * @param legacy written with a blank between both
     */
    record Pair(String name, String value, boolean legacy) {
    }

    /** A name that may have a value. */
    record Argument(String name, Optional<String> value) {
    }

    /**
     * @param base an image, a stage before, or {@code scratch}
     * @param stageName in lower case
     */
    record From(Origin origin, String base, Optional<String> stageName, String platform) implements Instruction {
    }

    /** Which network a step has. */
    enum Network { DEFAULT, NONE, HOST }

    /** What a step may do. */
    enum Security { SANDBOX, INSECURE }

    /** @param mounts to be asked of {@link StageScope#mounts}, as they have variables */
    record Run(Origin origin, CommandLine command, List<MountFlag> mounts, Network network, Security security, List<RunDevice> devices)
            implements Instruction {
    }

    /**
     * What COPY and ADD have in common.
     *
     * @param sources paths, or URLs for ADD
     * @param contents files that the Dockerfile itself has
     * @param mode to be read by {@link FileMode#of}; empty to keep what they have
     * @param excluded patterns, as of {@code .dockerignore}, of what is not copied
     */
    record Transfer(List<String> sources, List<Heredoc> contents, String destination, String owner, String mode, boolean link,
            List<String> excluded) {
    }

    /**
     * @param from a stage by name or number, a named context, or an image; empty for the build context
     * @param parents whether directories of the source's path are made below the destination
     */
    record Copy(Origin origin, Transfer files, String from, boolean parents) implements Instruction {
    }

    /** @param unpack whether archives become their contents; local ones do, and remote ones do not, where nothing is said */
    record Add(Origin origin, Transfer files, Optional<Boolean> keepGitDirectory, String checksum, Optional<Boolean> unpack)
            implements Instruction {
    }

    record Workdir(Origin origin, String path) implements Instruction {
    }

    record User(Origin origin, String user) implements Instruction {
    }

    record Env(Origin origin, List<Pair> variables) implements Instruction {
    }

    record Label(Origin origin, List<Pair> labels) implements Instruction {
    }

    record Arg(Origin origin, List<Argument> arguments) implements Instruction {
    }

    /** @param ports once expanded, single ones with their protocols: {@code 80/tcp} */
    record Expose(Origin origin, List<String> ports) implements Instruction {
    }

    record Volume(Origin origin, List<String> paths) implements Instruction {
    }

    record Cmd(Origin origin, CommandLine command) implements Instruction {
    }

    record Entrypoint(Origin origin, CommandLine command) implements Instruction {
    }

    /**
     * @param test nothing for {@code NONE}, which takes away the check of the base image
     * @param interval zero where nothing is said, as the other times
     */
    record Healthcheck(Origin origin, Optional<CommandLine> test, Duration interval, Duration timeout, Duration startPeriod,
            Duration startInterval, int retries) implements Instruction {
    }

    record Shell(Origin origin, List<String> words) implements Instruction {
    }

    record StopSignal(Origin origin, String signal) implements Instruction {
    }

    /** @param trigger an instruction for who builds on the image, to be read by {@link Dockerfile#trigger} */
    record OnBuild(Origin origin, String trigger) implements Instruction {
    }

    record Maintainer(Origin origin, String name) implements Instruction {
    }
}
