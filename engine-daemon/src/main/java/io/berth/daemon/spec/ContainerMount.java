package io.berth.daemon.spec;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.berth.linux.mount.MountSpec.Protection;
import io.berth.linux.mount.Propagation;
import java.util.Map;

/**
 * Something that is mounted in a container, decided when the container was made: names are chosen, images resolved. It is written
 * into the container's record, and later starts mount the same again. Destinations are absolute and clean.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "Kind")
@JsonSubTypes({@JsonSubTypes.Type(value = ContainerMount.HostFile.class, name = "bind"),
    @JsonSubTypes.Type(value = ContainerMount.InVolume.class, name = "volume"),
    @JsonSubTypes.Type(value = ContainerMount.InMemory.class, name = "tmpfs"),
    @JsonSubTypes.Type(value = ContainerMount.OfImage.class, name = "image")})
public sealed interface ContainerMount {

    String destination();

    /**
     * A file or directory of the host.
     *
     * @param mode what the client wrote behind the last colon; inspect repeats it
     * @param create whether a missing source becomes a directory; {@code --mount} wants it to be there
     */
    public record HostFile(String source, String destination, String mode, Protection protection, boolean recursive, Propagation propagation,
            boolean create) implements ContainerMount {
    }

    /**
     * A volume.
     *
     * @param volume its name
     * @param nameless whether it was made for a container without a name, and goes with {@code rm -v}
     * @param filled whether it is filled from the image when it is empty
     * @param subpath what of it is mounted; empty for all
     */
    public record InVolume(String volume, String destination, String mode, Protection protection, boolean nameless, boolean filled, String subpath)
            implements ContainerMount {

    public InVolume named(String name) {
            return new InVolume(name, destination, mode, protection, nameless, filled, subpath);
        }
    }

    /**
     * A file system in memory.
     *
     * @param shown whether inspect tells of it: the reference shows those of {@code --mount} and not those of {@code --tmpfs}
     * @param attributes MOUNT_ATTR_… of {@link io.berth.linux.mount.MountCalls}
     */
    public record InMemory(String destination, boolean shown, long attributes, Map<String, String> options) implements ContainerMount {
    }

    /**
     * The content of an image.
     *
     * @param reference the name that was asked for
     * @param image its id
     */
    public record OfImage(String reference, String image, String destination, String subpath) implements ContainerMount {

    public OfImage resolved(String id) {
            return new OfImage(reference, id, destination, subpath);
        }
    }
}
