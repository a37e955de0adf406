package io.berth.daemon.volume;

/** Told what happens to volumes. */
public interface VolumeEvents {

    /** @param action {@code create} or {@code destroy} */
    void happened(Volume volume, String action);
}
