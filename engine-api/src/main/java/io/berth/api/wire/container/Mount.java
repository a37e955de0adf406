package io.berth.api.wire.container;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.berth.api.wire.OmitEmpty;
import java.util.List;
import java.util.Map;

/**
 * A mount in the long form ({@code docker run --mount}).
 *
 * @param type {@code bind}, {@code volume}, {@code tmpfs}, {@code image}, {@code npipe} or {@code cluster}
 * @param bindOptions null unless sent, as the other options
 */
public record Mount(@OmitEmpty String type, @OmitEmpty String source, @OmitEmpty String target, @OmitEmpty boolean readOnly,
                    @OmitEmpty String consistency, @JsonInclude(JsonInclude.Include.NON_NULL) BindOptions bindOptions,
                    @JsonInclude(JsonInclude.Include.NON_NULL) VolumeOptions volumeOptions,
                    @JsonInclude(JsonInclude.Include.NON_NULL) ImageOptions imageOptions,
                    @JsonInclude(JsonInclude.Include.NON_NULL) TmpfsOptions tmpfsOptions,
                    @OmitEmpty Map<String, Object> clusterOptions) {

    public record BindOptions(@OmitEmpty String propagation, @OmitEmpty boolean nonRecursive, @OmitEmpty boolean createMountpoint,
                              @OmitEmpty boolean readOnlyNonRecursive, @OmitEmpty boolean readOnlyForceRecursive) {
    }

    public record VolumeOptions(@OmitEmpty boolean noCopy, @OmitEmpty Map<String, String> labels, @OmitEmpty String subpath,
                                @JsonInclude(JsonInclude.Include.NON_NULL) VolumeDriver driverConfig) {
    }

    public record VolumeDriver(@OmitEmpty String name, @OmitEmpty Map<String, String> options) {
    }

    public record ImageOptions(@OmitEmpty String subpath) {
    }

    /** Each option is a name, or a name and a value. */
    public record TmpfsOptions(@OmitEmpty long sizeBytes, @OmitEmpty int mode, @OmitEmpty List<List<String>> options) {
    }
}
