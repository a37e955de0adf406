package io.berth.daemon.container;

import io.berth.api.http.ApiException;
import io.berth.api.wire.container.TopResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** The processes of a container as the host's ps(1) shows them: {@code docker top}. */
final class ProcessList {

    private ProcessList() {
    }

    /**
     * @param pids the container's processes, as the host numbers them
     * @param arguments for ps, separated by spaces
     */
    static TopResponse of(Set<Integer> pids, String arguments) {
        if (!arguments.matches("[-a-zA-Z0-9_=,:%+./ ]*")) {
            throw ApiException.invalid("invalid ps arguments: \"" + arguments + "\"");
        }
        List<String> command = new ArrayList<>(List.of("ps"));
        command.addAll(Arrays.stream(arguments.split(" ")).filter(argument -> !argument.isEmpty()).toList());
        List<String> lines = run(command).lines().toList();
        List<String> titles = lines.isEmpty() ? List.of() : List.of(lines.getFirst().strip().split("\\s+"));
        int pidColumn = titles.indexOf("PID");
        if (pidColumn < 0) {
            throw ApiException.invalid("Couldn't find PID field in ps output: the ps arguments must leave it in");
        }
        List<List<String>> rows = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            String[] fields = line.strip().split("\\s+", titles.size());
            if (fields.length > pidColumn && fields[pidColumn].matches("[0-9]{1,9}") && pids.contains(Integer.parseInt(fields[pidColumn]))) {
                rows.add(List.of(fields));
            }
        }
        return new TopResponse(rows, titles);
    }

    private static String run(List<String> command) {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw ApiException.invalid("ps: " + output.strip().replace('\n', ' '));
            }
            return output;
        } catch (IOException failure) {
            throw new ApiException(ApiException.Kind.INTERNAL, "cannot run ps, which lists a container's processes: install procps", failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new ApiException(ApiException.Kind.UNAVAILABLE, "interrupted while ps was running");
        }
    }
}
