package io.berth.api.wire.container;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.berth.api.wire.GraphDriver;
import io.berth.api.wire.NullWhenEmpty;
import io.berth.api.wire.OmitEmpty;
import io.berth.api.wire.WireName;
import java.util.List;
import java.util.Map;

/** Everything known of one container. Times are RFC 3339 with nanoseconds in UTC; a time that has not come is {@link #NEVER}. */
public final class InspectContainer {
    /** The zero time, which clients parse. */
    public static final String NEVER = "0001-01-01T00:00:00Z";

    public String id = "";
    public String created = NEVER;
    public String path = "";
    public List<String> args = List.of();
    public State state = new State();
    /** The image's id, {@code sha256:…}. */
    public String image = "";
    public String resolvConfPath = "";
    public String hostnamePath = "";
    public String hostsPath = "";
    public String logPath = "";
    /** With a leading slash. */
    public String name = "";
    public int restartCount;
    public String driver = "";
    public String platform = "linux";
    public String mountLabel = "";
    public String processLabel = "";
    public String appArmorProfile = "";
    @WireName("ExecIDs") @NullWhenEmpty public List<String> execIds = List.of();
    public HostConfig hostConfig = new HostConfig();
    public GraphDriver graphDriver = new GraphDriver(Map.of(), "");
    /** Bytes; null unless the sizes were asked for. */
    @JsonInclude(JsonInclude.Include.NON_NULL) public Long sizeRw;
    @JsonInclude(JsonInclude.Include.NON_NULL) public Long sizeRootFs;
    public List<MountPoint> mounts = List.of();
    public ContainerConfig config = new ContainerConfig();
    public NetworkSettings networkSettings = new NetworkSettings();

    /** The state of a container; {@code status} is created, running, paused, restarting, removing, exited or dead. */
    public static final class State {
        public String status = "created";
        public boolean running;
        public boolean paused;
        public boolean restarting;
        @WireName("OOMKilled") public boolean oomKilled;
        public boolean dead;
        public int pid;
        public int exitCode;
        public String error = "";
        public String startedAt = NEVER;
        public String finishedAt = NEVER;
        /** Null when the container has no health check. */
        @OmitEmpty public Health health;
    }

    public record Health(String status, int failingStreak, List<Probe> log) {
    }

    public record Probe(String start, String end, int exitCode, String output) {
    }
}
