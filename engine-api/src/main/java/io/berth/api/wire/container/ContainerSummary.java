package io.berth.api.wire.container;

import io.berth.api.wire.OmitEmpty;
import io.berth.api.wire.WireName;
import java.util.List;
import java.util.Map;

/**
 * One line of {@code docker ps}.
 *
 * @param names with a leading slash
 * @param created seconds since 1970
 * @param sizeRw bytes, zero unless the sizes were asked for, as {@code sizeRootFs}
 * @param state the word of inspect's status
 * @param status for people: {@code Up 3 seconds}, {@code Exited (0) 2 minutes ago}
 */
public record ContainerSummary(String id, List<String> names, String image, @WireName("ImageID") String imageId, String command,
                               long created, List<Port> ports, @OmitEmpty long sizeRw, @OmitEmpty long sizeRootFs,
                               Map<String, String> labels, String state, String status, Host hostConfig, Networks networkSettings,
                               List<MountPoint> mounts) {

    /** A port; {@code publicPort} is zero when it is not published, and then {@code ip} is empty. */
    public record Port(@OmitEmpty @WireName("IP") String ip, int privatePort, @OmitEmpty int publicPort, String type) {
    }

    public record Host(@OmitEmpty String networkMode, @OmitEmpty Map<String, String> annotations) {
    }

    public record Networks(Map<String, EndpointSettings> networks) {
    }
}
