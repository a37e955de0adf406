package io.berth.api.wire.container;

import io.berth.api.wire.OmitEmpty;
import io.berth.api.wire.WireName;

/**
 * A mount of a container as list and inspect show it.
 *
 * @param type {@code bind}, {@code volume}, {@code tmpfs} or {@code image}
 * @param name of the volume, else empty
 */
public record MountPoint(@OmitEmpty String type, @OmitEmpty String name, String source, String destination, @OmitEmpty String driver,
                         String mode, @WireName("RW") boolean writable, String propagation) {
}
