package io.berth.api.wire.system;

import io.berth.api.wire.OmitEmpty;
import io.berth.api.wire.WireName;
import java.util.List;
import java.util.Map;

/**
 * The answer of {@code GET /version}.
 *
 * @param version must read like a release of the reference engine, because clients parse and compare it
 * @param goVersion shown by clients; what the engine runs on
 */
public record VersionResponse(Platform platform, List<Component> components, String version, String apiVersion,
                              @WireName("MinAPIVersion") String minApiVersion, String gitCommit, String goVersion, String os,
                              String arch, String kernelVersion, @OmitEmpty boolean experimental, String buildTime) {

    public record Platform(String name) {
    }

    public record Component(String name, String version, Map<String, String> details) {
    }
}
