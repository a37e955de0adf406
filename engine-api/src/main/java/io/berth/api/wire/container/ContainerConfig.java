package io.berth.api.wire.container;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import io.berth.api.wire.NullWhenEmpty;
import io.berth.api.wire.OmitEmpty;
import java.util.List;
import java.util.Map;

/**
 * What runs in a container, whatever the host: the {@code Config} of create and inspect, with every field of API 1.51 in its order.
 * A struct for the reason told at {@link HostConfig}; a field that may be null says so.
 */
public class ContainerConfig {
    public String hostname = "";
    public String domainname = "";
    public String user = "";
    public boolean attachStdin;
    public boolean attachStdout;
    public boolean attachStderr;
    /** Keys such as {@code 80/tcp}; the values are empty objects. */
    @OmitEmpty public Map<String, Map<String, Object>> exposedPorts = Map.of();
    public boolean tty;
    public boolean openStdin;
    public boolean stdinOnce;
    public List<String> env = List.of();
    /** Null takes the image's command (unless an entrypoint is given). A single text is read as a list of one. */
    @JsonSetter(nulls = Nulls.SET) @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY) public List<String> cmd;
    @OmitEmpty public Healthcheck healthcheck;
    @OmitEmpty public boolean argsEscaped;
    public String image = "";
    /** Paths of anonymous volumes; the values are empty objects. */
    @NullWhenEmpty public Map<String, Map<String, Object>> volumes = Map.of();
    public String workingDir = "";
    /** Null takes the image's entrypoint; a list of one empty text means none. */
    @JsonSetter(nulls = Nulls.SET) @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY) public List<String> entrypoint;
    @OmitEmpty public boolean networkDisabled;
    @OmitEmpty public String macAddress = "";
    @NullWhenEmpty public List<String> onBuild = List.of();
    public Map<String, String> labels = Map.of();
    @OmitEmpty public String stopSignal = "";
    /** Seconds from the stop signal to the kill; -1 waits for ever; null leaves it to the engine. */
    @OmitEmpty public Integer stopTimeout;
    @OmitEmpty @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY) public List<String> shell = List.of();

    /**
     * How the health of a container is probed; times are nanoseconds.
     *
     * @param test {@code ["NONE"]}, {@code ["CMD", …]} or {@code ["CMD-SHELL", command]}; empty inherits the image's
     */
    public record Healthcheck(@OmitEmpty List<String> test, @OmitEmpty long interval, @OmitEmpty long timeout,
                              @OmitEmpty long startPeriod, @OmitEmpty long startInterval, @OmitEmpty int retries) {
    }
}
