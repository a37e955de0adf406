package io.berth.daemon.spec;

import static io.berth.daemon.spec.MountPaths.invalid;

import io.berth.api.http.ApiException;
import io.berth.api.wire.container.Mount;
import io.berth.daemon.spec.ContainerMount.HostFile;
import io.berth.daemon.spec.ContainerMount.InVolume;
import io.berth.daemon.spec.ContainerMount.OfImage;
import io.berth.daemon.volume.VolumeRequest;
import io.berth.linux.mount.MountSpec.Protection;
import io.berth.linux.mount.Propagation;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/** A mount in the long form, as {@code --mount} writes it. */
public final class MountText {

    private static final Set<String> TYPES = Set.of("bind", "volume", "tmpfs", "image");

    private MountText() {
    }

    static ContainerMount parse(Mount mount, Path dataRoot) {
        if (mount.target().isEmpty()) {
            throw invalid(mount.type(), "field Target must not be empty");
        }
        if (!TYPES.contains(mount.type())) {
            throw invalid(mount.type(), "mount type unknown");
        }
        refuse(mount, "bind", "BindOptions", mount.bindOptions());
        refuse(mount, "volume", "VolumeOptions", mount.volumeOptions());
        refuse(mount, "image", "ImageOptions", mount.imageOptions());
        refuse(mount, "tmpfs", "TmpfsOptions", mount.tmpfsOptions());
        return switch (mount.type()) {
            case "bind" -> bind(mount, dataRoot);
            case "volume" -> volume(mount);
            case "image" -> image(mount);
            default -> TmpfsText.parse(mount);
        };
    }

    private static void refuse(Mount mount, String type, String name, Object options) {
        if (options != null && !mount.type().equals(type)) {
            throw ApiException.invalid(name + " must not be specified on mount type \"" + mount.type() + "\"");
        }
    }

    private static HostFile bind(Mount mount, Path dataRoot) {
        requireSource(mount);
        String source = MountPaths.source(mount.source(), "bind");
        String destination = MountPaths.destination(mount.target(), "bind");
        Mount.BindOptions options = mount.bindOptions();
        if (options == null) {
            return new HostFile(source, destination, "", mount.readOnly() ? Protection.TREE : Protection.NONE, true,
                    MountOptions.usual(source, dataRoot), false);
        }
        return new HostFile(source, destination, "", protection(mount.readOnly(), options), !options.nonRecursive(),
                propagation(options.propagation()).orElseGet(() -> MountOptions.usual(source, dataRoot)), options.createMountpoint());
    }

    private static Protection protection(boolean readOnly, Mount.BindOptions options) {
        if (options.readOnlyNonRecursive() && options.readOnlyForceRecursive()) {
            throw ApiException.invalid("mount options conflict: ReadOnlyNonRecursive && BindOptions.ReadOnlyForceRecursive");
        }
        if (!readOnly) {
            return Protection.NONE;
        }
        return options.readOnlyNonRecursive() ? Protection.TOP : Protection.TREE;
    }

    private static Optional<Propagation> propagation(String word) {
        if (word.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(Propagation.parse(word).orElseThrow(() -> invalid("bind", "invalid propagation mode: " + word)));
    }

    private static InVolume volume(Mount mount) {
        String destination = MountPaths.destination(mount.target(), "volume");
        Mount.VolumeOptions options = mount.volumeOptions();
        String subpath = options == null ? "" : MountPaths.subpath(options.subpath(), "volume");
        if (mount.source().isEmpty() && !subpath.isEmpty()) {
            throw invalid("volume", "must not set Subpath when using anonymous volumes");
        }
        if (mount.source().isEmpty() && mount.readOnly()) {
            throw invalid("volume", "must not set ReadOnly mode when using anonymous volumes");
        }
        return new InVolume(mount.source(), destination, "z", mount.readOnly() ? Protection.TREE : Protection.NONE, mount.source().isEmpty(),
                (options == null || !options.noCopy()) && subpath.isEmpty(), subpath);
    }

    /** What a volume is to be that is made for this mount. */
    public static VolumeRequest request(Mount mount) {
        Optional<Mount.VolumeOptions> options = Optional.ofNullable(mount.volumeOptions());
        Optional<Mount.VolumeDriver> driver = options.map(Mount.VolumeOptions::driverConfig);
        return VolumeRequest.of(driver.map(Mount.VolumeDriver::name).orElse(""), options.map(Mount.VolumeOptions::labels).filter(labels -> !labels.isEmpty()),
                driver.map(Mount.VolumeDriver::options).filter(given -> !given.isEmpty()));
    }

    private static OfImage image(Mount mount) {
        requireSource(mount);
        String subpath = mount.imageOptions() == null ? "" : MountPaths.subpath(mount.imageOptions().subpath(), "image");
        return new OfImage(mount.source(), "", MountPaths.destination(mount.target(), "image"), subpath);
    }

    private static void requireSource(Mount mount) {
        if (mount.source().isEmpty()) {
            throw invalid(mount.type(), "field Source must not be empty");
        }
    }
}
