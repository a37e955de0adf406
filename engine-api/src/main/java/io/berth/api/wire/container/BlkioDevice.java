package io.berth.api.wire.container;

/** Limits of block I/O that concern one device of the host. */
public final class BlkioDevice {
    private BlkioDevice() {
    }

    /** A share of the device's time, 10 to 1000. */
    public record Weight(String path, int weight) {
    }

    /** Bytes or operations a second. */
    public record Rate(String path, long rate) {
    }
}
