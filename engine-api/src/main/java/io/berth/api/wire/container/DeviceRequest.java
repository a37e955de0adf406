package io.berth.api.wire.container;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;

/** Devices asked for by driver and capability, such as GPUs. */
public record DeviceRequest(String driver, int count, @JsonProperty("DeviceIDs") List<String> deviceIds, List<List<String>> capabilities,
                            Map<String, String> options) {
}
