package io.berth.daemon.container;

/** What this engine calls its parts where the reference engine has names of its own. */
final class Engine {

    /** The runtime, which in the reference is {@code runc}. */
    static final String RUNTIME = "berth";
    /** The storage driver. */
    static final String STORAGE_DRIVER = "overlay2";
    static final long DEFAULT_SHM_SIZE = 64L << 20;
    static final int DEFAULT_STOP_TIMEOUT = 10;

    private Engine() {
    }

    /** Where a container sees its cgroups from, unless the client says otherwise. */
    static String cgroupnsMode(int cgroupVersion) {
        return cgroupVersion == 2 ? "private" : "host";
    }
}
