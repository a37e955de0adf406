package io.berth.daemon;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The real docker CLI, pointed at one engine. Its own configuration is an empty directory, whatever the user's says. */
final class DockerCli {

    private final Map<String, String> environment;

    DockerCli(String host, Path configuration) {
        environment = Map.of("DOCKER_HOST", host, "DOCKER_CONFIG", configuration.toString(), "DOCKER_CLI_HINTS", "false");
    }

    /** Runs {@code docker ARGUMENTS} to its end. */
    Commands.Result run(String... arguments) {
        return Commands.run(environment, new byte[0], command(arguments));
    }

    Commands.Result runWithInput(byte[] input, String... arguments) {
        return Commands.run(environment, input, command(arguments));
    }

    /** Starts {@code docker ARGUMENTS} and leaves it running; its error output goes with its output. */
    Process start(String... arguments) {
        try {
            ProcessBuilder builder = new ProcessBuilder(command(arguments)).redirectErrorStream(true);
            builder.environment().putAll(environment);
            return builder.start();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Starts {@code docker ARGUMENTS} on a terminal of its own. */
    Terminal terminal(String... arguments) {
        return Terminal.open(environment, command(arguments));
    }

    private static List<String> command(String... arguments) {
        List<String> command = new ArrayList<>(List.of("docker"));
        command.addAll(List.of(arguments));
        return command;
    }
}
