package io.berth.api.wire.network;

/** The network that another one has its configuration from; an empty name when it has its own. */
public record ConfigReference(String network) {

    public ConfigReference {
        network = network == null ? "" : network;
    }

    public static ConfigReference none() {
        return new ConfigReference("");
    }
}
