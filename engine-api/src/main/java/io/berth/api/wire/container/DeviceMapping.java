package io.berth.api.wire.container;

/** A device node of the host shown in the container. */
public record DeviceMapping(String pathOnHost, String pathInContainer, String cgroupPermissions) {
}
