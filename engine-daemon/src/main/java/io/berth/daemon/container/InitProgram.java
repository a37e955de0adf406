package io.berth.daemon.container;

import io.berth.daemon.spec.ContainerSpec;
import io.berth.daemon.spec.Engine;
import io.berth.linux.file.BytePath;
import io.berth.linux.mount.MountSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The host's small init, which {@code --init} makes a container's first process: it passes signals on and reaps what the program
 * leaves behind. It is mounted into the container, so it has to be linked statically.
 */
public final class InitProgram {

    /** Where a container sees it, as in the reference engine. */
    static final String INSIDE = "/sbin/docker-init";
    /** What distributions call one; all of them take the program after {@code --}. */
    private static final List<String> NAMES = List.of("docker-init", "tini-static", "catatonit", "tini");
    private static final List<String> DIRECTORIES = List.of("/usr/local/libexec/docker", "/usr/libexec/docker", "/usr/libexec/podman");

    private final Optional<String> configured;
    private final boolean byDefault;
    private final List<Path> directories;

    /**
     * @param configured a path, or a name to look for; without one, what is there is taken
     * @param byDefault whether a container has one that does not say
     */
    public InitProgram(Optional<String> configured, boolean byDefault) {
        this(configured, byDefault, Stream.concat(Stream.of(Optional.ofNullable(System.getenv("PATH")).orElse(Engine.DEFAULT_PATH)
                .split(":")), DIRECTORIES.stream()).filter(directory -> directory.startsWith("/")).map(Path::of).toList());
    }

    InitProgram(Optional<String> configured, boolean byDefault, List<Path> directories) {
        this.configured = configured;
        this.byDefault = byDefault;
        this.directories = directories;
    }

    /** What the start of a container adds: nothing, or the init's mount and the command that begins with it. */
    record Added(ContainerSpec spec, List<MountSpec> mounts) {
    }

    /** @throws StartFailure when the container wants one and the host has none */
    Added to(ContainerSpec spec, List<MountSpec> mounts) {
        if (!spec.program().init().orElse(byDefault)) {
            return new Added(spec, mounts);
        }
        List<MountSpec> more = new ArrayList<>(mounts);
        more.add(new MountSpec.Bind(BytePath.of(find().toString()), BytePath.of(INSIDE), true, false));
        List<String> command = new ArrayList<>(List.of(INSIDE, "--"));
        command.addAll(spec.program().command());
        return new Added(spec.running(command), more);
    }

    private Path find() {
        List<String> names = configured.map(List::of).orElse(NAMES);
        return names.stream().flatMap(this::places).filter(Files::isRegularFile).filter(Files::isExecutable).findFirst()
                .map(InitProgram::real)
                .orElseThrow(() -> StartFailure.ofProcess(StartFailure.NOT_STARTED, "--init needs a program to be the first process, and "
                        + configured.map(path -> "there is no " + path + ": correct the setting init-path")
                                .orElse("none of " + String.join(", ", NAMES) + " is on the host: install tini or catatonit, or set init-path")));
    }

    private Stream<Path> places(String name) {
        return name.startsWith("/") ? Stream.of(Path.of(name)) : directories.stream().map(directory -> directory.resolve(name));
    }

    /** A mount's source is not followed when it is a link. */
    private static Path real(Path found) {
        try {
            return found.toRealPath();
        } catch (java.io.IOException goneMeanwhile) {
            return found;
        }
    }
}
