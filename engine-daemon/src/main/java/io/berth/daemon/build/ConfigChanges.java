package io.berth.daemon.build;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.api.http.ApiException;
import io.berth.daemon.build.dockerfile.BaseImage;
import io.berth.daemon.build.dockerfile.ChangeLines;
import io.berth.daemon.build.dockerfile.CommandLine;
import io.berth.daemon.build.dockerfile.DockerfileException;
import io.berth.daemon.build.dockerfile.Instruction;
import io.berth.daemon.build.dockerfile.StageScope;
import io.berth.store.image.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The instructions of a Dockerfile that {@code --change} of {@code docker import} and {@code docker commit} takes, applied to the {@code config} of an
 * image's configuration.
 */
public final class ConfigChanges {

    private static final List<String> USUAL_SHELL = List.of("/bin/sh", "-c");

    private final ObjectNode config;
    private final StageScope scope;
    private boolean commandGiven;

    private ConfigChanges(ObjectNode config) {
        this.config = config;
        this.scope = ChangeLines.scope(new BaseImage(Json.texts(config, "Env"), Json.text(config, "WorkingDir"), true, List.of()));
    }

    /**
     * @param config as JSON with the names of Docker's images
     * @param changes together the text of a Dockerfile; none at all is no change
     * @return the changed configuration
     * @throws ApiException invalid, for an instruction that is unknown, has no place here or is malformed
     */
    public static byte[] apply(byte[] config, List<String> changes) {
        if (!(Json.parse(config, "configuration") instanceof ObjectNode document)) {
            throw ApiException.invalid("read configuration: it is not a JSON object");
        }
        if (!changes.isEmpty()) {
            try {
                List<Instruction> instructions = ChangeLines.parse(changes);
                ConfigChanges changing = new ConfigChanges(document);
                instructions.forEach(changing::apply);
            } catch (DockerfileException refused) {
                throw ApiException.invalid(refused.getMessage());
            }
        }
        return Json.bytes(document);
    }

    private void apply(Instruction written) {
        switch (scope.expand(written)) {
            case Instruction.Cmd cmd -> {
                texts("Cmd", words(cmd.command()));
                commandGiven = true;
            }
            case Instruction.Entrypoint entrypoint -> entrypoint(words(entrypoint.command()));
            case Instruction.Env env -> env.variables().forEach(pair -> environment(pair.name(), pair.value()));
            case Instruction.Label label -> label.labels().forEach(pair -> object("Labels").put(pair.name(), pair.value()));
            case Instruction.Expose expose -> expose.ports().forEach(port -> object("ExposedPorts").putObject(port));
            case Instruction.Volume volume -> volume.paths().forEach(path -> object("Volumes").putObject(path));
            case Instruction.User user -> config.put("User", user.user());
            case Instruction.Workdir workdir -> config.put("WorkingDir", workdir.path());
            case Instruction.StopSignal signal -> config.put("StopSignal", signal.signal());
            case Instruction.OnBuild later -> array("OnBuild").add(later.trigger());
            case Instruction.Healthcheck health -> config.set("Healthcheck", healthcheck(health));
            default -> throw new IllegalStateException(written.origin().keyword() + " was refused before");
        }
    }

    private List<String> words(CommandLine command) {
        List<String> own = Json.texts(config, "Shell");
        List<String> shell = own.isEmpty() ? USUAL_SHELL : own;
        return command.shell() && command.words().isEmpty() ? shell : command.with(shell);
    }

    private void entrypoint(List<String> words) {
        texts("Entrypoint", words);
        if (words.isEmpty()) {
            config.remove("Entrypoint");
        }
        if (!commandGiven) {
            config.remove("Cmd"); // arguments of another program
        }
    }

    private static ObjectNode healthcheck(Instruction.Healthcheck health) {
        ObjectNode check = Json.object();
        List<String> test = new ArrayList<>();
        health.test().ifPresentOrElse(command -> {
            test.add(command.shell() ? "CMD-SHELL" : "CMD");
            test.addAll(command.words());
        }, () -> test.add("NONE"));
        time(check, "Interval", health.interval());
        time(check, "Timeout", health.timeout());
        time(check, "StartPeriod", health.startPeriod());
        time(check, "StartInterval", health.startInterval());
        if (health.retries() > 0) {
            check.put("Retries", health.retries());
        }
        ArrayNode list = check.putArray("Test");
        test.forEach(list::add);
        return check;
    }

    private static void time(ObjectNode check, String name, Duration time) {
        if (!time.isZero()) {
            check.put(name, time.toNanos());
        }
    }

    private void environment(String name, String value) {
        List<String> entries = new ArrayList<>(Json.texts(config, "Env"));
        boolean present = entries.stream().anyMatch(entry -> entry.startsWith(name + "="));
        entries.replaceAll(entry -> entry.startsWith(name + "=") ? name + "=" + value : entry);
        if (!present) {
            entries.add(name + "=" + value);
        }
        texts("Env", entries);
    }

    private void texts(String member, List<String> texts) {
        ArrayNode list = config.putArray(member);
        texts.forEach(list::add);
    }

    private ObjectNode object(String member) {
        return config.path(member) instanceof ObjectNode present ? present : config.putObject(member);
    }

    private ArrayNode array(String member) {
        return config.path(member) instanceof ArrayNode present ? present : config.putArray(member);
    }
}
