package io.berth.api.wire.image;

import io.berth.api.wire.GraphDriver;
import io.berth.api.wire.NullWhenEmpty;
import io.berth.api.wire.OmitEmpty;
import io.berth.api.wire.WireName;
import io.berth.api.wire.container.ContainerConfig;
import java.util.List;
import java.util.Map;

/** Everything known of one image. */
public final class InspectImage {
    public String id = "";
    public List<String> repoTags = List.of();
    public List<String> repoDigests = List.of();
    public String parent = "";
    public String comment = "";
    @OmitEmpty public String created = "";
    /** Of the container the image was made from: empty, and only in versions before 1.45. */
    @OmitEmpty public ContainerConfig containerConfig;
    public String dockerVersion = "";
    public String author = "";
    public String architecture = "";
    @OmitEmpty public String variant = "";
    public String os = "linux";
    @OmitEmpty public String osVersion = "";
    /** Bytes of all layers, unpacked. */
    public long size;
    /** The size once more, as versions before 1.44 tell it. */
    @OmitEmpty public long virtualSize;
    public GraphDriver graphDriver = new GraphDriver(Map.of(), "");
    @WireName("RootFS") public RootFs rootFs = new RootFs("layers", List.of());
    public Metadata metadata = new Metadata("0001-01-01T00:00:00Z");
    /** Of the document by which the image came; null when there was none. */
    @OmitEmpty public ImageDescriptor descriptor;
    /** What that document names; empty unless asked for. */
    @OmitEmpty public List<ManifestSummary> manifests = List.of();
    public Config config = new Config();

    /** The digests of the unpacked layers, the lowest first. */
    public record RootFs(@OmitEmpty String type, @OmitEmpty List<String> layers) {
    }

    public record Metadata(String lastTagTime) {
    }

    /** What an image says of the containers made from it. */
    public static class Config {
        @NullWhenEmpty public List<String> cmd = List.of();
        @OmitEmpty public boolean argsEscaped;
        @NullWhenEmpty public List<String> entrypoint = List.of();
        @NullWhenEmpty public List<String> env = List.of();
        @OmitEmpty public Map<String, Map<String, Object>> exposedPorts = Map.of();
        @OmitEmpty public ContainerConfig.Healthcheck healthcheck;
        @NullWhenEmpty public Map<String, String> labels = Map.of();
        @NullWhenEmpty public List<String> onBuild = List.of();
        @OmitEmpty public List<String> shell = List.of();
        @OmitEmpty public String stopSignal = "";
        public String user = "";
        @NullWhenEmpty public Map<String, Map<String, Object>> volumes = Map.of();
        public String workingDir = "";
    }

    /** As versions before 1.50 tell it: with what is said of containers only, which no image says. */
    public static final class ContainersConfig extends Config {
        public boolean attachStderr;
        public boolean attachStdin;
        public boolean attachStdout;
        public String domainname = "";
        public String hostname = "";
        public String image = "";
        public boolean openStdin;
        public boolean stdinOnce;
        public boolean tty;

        public ContainersConfig(Config config) {
            cmd = config.cmd;
            argsEscaped = config.argsEscaped;
            entrypoint = config.entrypoint;
            env = config.env;
            exposedPorts = config.exposedPorts;
            healthcheck = config.healthcheck;
            labels = config.labels;
            onBuild = config.onBuild;
            shell = config.shell;
            stopSignal = config.stopSignal;
            user = config.user;
            volumes = config.volumes;
            workingDir = config.workingDir;
        }
    }
}
