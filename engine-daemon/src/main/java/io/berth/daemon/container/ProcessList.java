package io.berth.daemon.container;

import io.berth.api.http.ApiException;
import io.berth.api.wire.container.TopResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The processes of a container as the host's ps(1) shows them: {@code docker top}. */
final class ProcessList {

    private static final String NO_PID = "Couldn't find PID field in ps output";

    private ProcessList() {
    }

    /**
     * @param pids the container's processes, as the host numbers them
     * @param arguments for ps, separated by spaces
     */
    static TopResponse of(Set<Integer> pids, String arguments) {
        List<String> command = new ArrayList<>(List.of("ps"));
        command.addAll(Arrays.stream(arguments.split(" ")).filter(argument -> !argument.isEmpty()).toList());
        List<String> lines = output(command, pids).lines().toList();
        List<String> titles = lines.isEmpty() ? List.of() : List.of(lines.getFirst().strip().split("\\s+"));
        int pidColumn = titles.indexOf("PID");
        if (pidColumn < 0) {
            throw ApiException.invalid(NO_PID + ": the ps arguments must leave it in");
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

    /**
     * Asks for the container's processes alone, so that also those are shown that ps leaves out by itself; arguments that draw a tree,
     * say, do not go with that, and then all are asked for.
     */
    private static String output(List<String> command, Set<Integer> pids) {
        List<String> selecting = new ArrayList<>(command);
        selecting.add("-q" + pids.stream().map(String::valueOf).collect(Collectors.joining(",")));
        Run selected = run(selecting);
        Run all = selected.code() == 0 ? selected : run(command);
        if (all.code() != 0) {
            throw ApiException.invalid("ps: " + all.complaint().lines().findFirst().orElse("exit status " + all.code()));
        }
        return all.output();
    }

    private record Run(int code, String output, String complaint) {
    }

    private static Run run(List<String> command) {
        if (command.stream().anyMatch(argument -> argument.indexOf(0) >= 0)) {
            throw ApiException.invalid("ps: an argument has a zero byte in it");
        }
        try {
            Process process = new ProcessBuilder(command).start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            // After the output: what ps complains of is a few lines, which the pipe holds.
            String complaint = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Run(process.waitFor(), output, complaint);
        } catch (IOException failure) {
            throw new ApiException(ApiException.Kind.INTERNAL, "cannot run ps, which lists a container's processes: install procps", failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new ApiException(ApiException.Kind.UNAVAILABLE, "interrupted while ps was running");
        }
    }
}
