package io.berth.daemon.spec;

import io.berth.api.http.ApiException;
import io.berth.api.wire.container.ContainerConfig;
import io.berth.api.wire.container.HostConfig;
import io.berth.api.wire.container.Mount;
import io.berth.linux.mount.MountSpec.Protection;
import io.berth.linux.mount.Propagation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The mounts that a request asks for, from {@code -v}, {@code --mount}, {@code --tmpfs} and the image's {@code VOLUME}. Pure:
 * volumes without a name have none yet, and images only the name they were asked for by; {@link ContainerMounts} goes on from here.
 */
public final class MountOptions {

    private MountOptions() {
    }

    /**
     * What {@code -v}, {@code --mount} and {@code --tmpfs} ask for, in this order.
     *
     * @param dataRoot the engine's own files: a bind mount that has them below it is a slave unless told otherwise, so that what
     *     the engine unmounts goes away in there too
     * @throws ApiException invalid, with the reference's words
     */
    public static List<ContainerMount> asked(HostConfig host, Path dataRoot) {
        List<ContainerMount> mounts = new ArrayList<>();
        for (String bind : host.binds) {
            mounts.add(BindText.parse(bind, dataRoot));
        }
        for (Mount mount : host.mounts) {
            mounts.add(MountText.parse(mount, dataRoot));
        }
        host.tmpfs.forEach((path, options) -> mounts.add(TmpfsText.parse(path, options)));
        refuseDuplicates(mounts);
        return mounts;
    }

    /** The volumes that the configuration and its image want, as {@code VOLUME} says it, where nothing else is mounted. */
    public static List<ContainerMount> ofImage(ContainerConfig config, Set<String> taken) {
        List<ContainerMount> mounts = new ArrayList<>();
        config.volumes.keySet().stream().map(path -> MountPaths.clean("/" + path)).distinct().filter(path -> !taken.contains(path)).forEach(path -> {
            if (path.equals("/")) {
                throw ApiException.invalid("invalid specification: destination can't be '/'");
            }
            mounts.add(new ContainerMount.InVolume("", path, "", Protection.NONE, true, true, ""));
        });
        return mounts;
    }

    private static void refuseDuplicates(List<ContainerMount> mounts) {
        for (ContainerMount mount : mounts) {
            if (mounts.stream().filter(other -> other.destination().equals(mount.destination())).count() > 1) {
                throw ApiException.invalid("Duplicate mount point: " + mount.destination());
            }
        }
    }

    /** What a bind mount propagates unless it says so itself. */
    static Propagation usual(String source, Path dataRoot) {
        return dataRoot.startsWith(source) ? Propagation.RSLAVE : Propagation.RPRIVATE;
    }
}
