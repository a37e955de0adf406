package io.berth.daemon.spec;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import io.berth.api.wire.container.ContainerConfig;
import io.berth.api.wire.container.EndpointSettings;
import io.berth.api.wire.container.HostConfig;
import io.berth.store.content.Digest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a container was created from, as it is written down and as inspect repeats it: the configuration with the image's
 * defaults in it, and the host configuration with the engine's.
 *
 * @param created RFC 3339
 * @param image the id of the image; {@code config.image} is the name the client used
 * @param networks the networks that it is to be connected to, by name, or by what the client called one that there was not; whatever was
 *     asked for, the network of the mode is among them unless others were asked for
 * @param detached whether it was taken out of all its networks
 * @param mounts what is mounted in it, decided when it was made
 * @param links the containers that it finds by names of its own; the host configuration has none, inspect puts them there
 */
public record Definition(String id, String name, String created, String image, ContainerConfig config, HostConfig hostConfig,
        Map<String, EndpointSettings> networks, @JsonSetter(nulls = Nulls.SET) List<ContainerMount> mounts,
        @JsonSetter(nulls = Nulls.SET) @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Link> links,
        @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean detached) {

    /** Records from before there were volumes, or several networks, have none of their own: the host configuration tells all. */
    public Definition {
        networks = detached ? Map.of() : NetworkOptions.complete(networks, config, hostConfig);
        links = links == null ? List.of() : List.copyOf(links);
        mounts = mounts == null ? MountOptions.asked(hostConfig, Path.of("/")) : List.copyOf(mounts);
    }

    public ContainerId containerId() {
        return new ContainerId(id);
    }

    public Digest imageId() {
        return Digest.parse(image);
    }

    /** With the mounts that its host configuration alone asks for. */
    public Definition(String id, String name, String created, String image, ContainerConfig config, HostConfig hostConfig,
            Map<String, EndpointSettings> networks) {
        this(id, name, created, image, config, hostConfig, networks, null, List.of(), false);
    }

    /** Whether the container runs on an image or has it mounted. */
    public boolean uses(Digest other) {
        return imageId().equals(other) || mounts.stream().anyMatch(mount -> mount instanceof ContainerMount.OfImage content
                && content.image().equals(other.toString()));
    }

    public Definition named(String other) {
        return new Definition(id, other, created, image, config, hostConfig, networks, mounts, links, detached);
    }

    /** What every version can compile: the command alone, without a network. For a container that is only shown. */
    public Definition reduced() {
        ContainerConfig bare = new ContainerConfig();
        bare.image = config.image;
        bare.labels = config.labels;
        List<String> command = new ArrayList<>(config.entrypoint == null ? List.of() : config.entrypoint);
        command.addAll(config.cmd == null ? List.of() : config.cmd);
        bare.cmd = command.isEmpty() || command.getFirst().isEmpty() ? List.of("?") : command;
        HostConfig host = new HostConfig().with(changed -> {
            changed.networkMode = "none";
            changed.autoRemove = hostConfig.autoRemove;
        });
        return new Definition(id, name, created, image, bare, host, Map.of());
    }

    public Definition with(HostConfig changed) {
        return new Definition(id, name, created, image, config, changed, networks, mounts, links, detached);
    }

    public Definition without(Link link) {
        List<Link> left = links.stream().filter(other -> !other.equals(link)).toList();
        return new Definition(id, name, created, image, config, hostConfig, networks, mounts, left, detached);
    }

    /** With another network, or with other settings for one that it has. */
    public Definition attached(String network, EndpointSettings settings) {
        Map<String, EndpointSettings> more = new LinkedHashMap<>(networks);
        more.put(network, settings);
        return attachedTo(more);
    }

    /** Without a network, by the key that it has. */
    public Definition detachedFrom(String network) {
        Map<String, EndpointSettings> left = new LinkedHashMap<>(networks);
        left.remove(network);
        return attachedTo(left);
    }

    private Definition attachedTo(Map<String, EndpointSettings> others) {
        return new Definition(id, name, created, image, config, hostConfig, others, mounts, links, others.isEmpty());
    }
}
