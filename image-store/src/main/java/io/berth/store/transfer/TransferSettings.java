package io.berth.store.transfer;

/**
 * @param downloads layers that come at the same time, of all pulls together; at least 1
 * @param uploads layers that leave at the same time, of all pushes together; at least 1
 * @param attempts how often a layer is asked for anew when its connection breaks and nothing came; at least 1
 */
public record TransferSettings(int downloads, int uploads, int attempts) {

    /** Of the reference engine. */
    public static final TransferSettings DEFAULT = new TransferSettings(3, 5, 5);
}
