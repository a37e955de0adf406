package io.berth.api.wire.volume;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import java.util.Map;

/** What {@code POST /volumes/create} asks for; a struct for the reason told at {@link io.berth.api.wire.container.HostConfig}. */
public final class CreateVolumeBody {
    /** Empty for a volume without a name of its own. */
    public String name = "";
    public String driver = "";
    /** Null when not given, which inspect repeats. */
    @JsonSetter(nulls = Nulls.SET) public Map<String, String> driverOpts;
    @JsonSetter(nulls = Nulls.SET) public Map<String, String> labels;
    /** Anything here asks for a volume of a swarm. */
    public Map<String, Object> clusterVolumeSpec = Map.of();
}
