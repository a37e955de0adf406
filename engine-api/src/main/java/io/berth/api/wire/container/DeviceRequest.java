package io.berth.api.wire.container;

import io.berth.api.wire.WireName;
import java.util.List;
import java.util.Map;

/** Devices asked for by driver and capability, such as GPUs. */
public record DeviceRequest(String driver, int count, @WireName("DeviceIDs") List<String> deviceIds, List<List<String>> capabilities,
                            Map<String, String> options) {
}
