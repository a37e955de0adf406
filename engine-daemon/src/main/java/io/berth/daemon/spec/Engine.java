package io.berth.daemon.spec;

/** What this engine calls its parts where the reference engine has names of its own. */
public final class Engine {

    /** The runtime, which in the reference is {@code runc}. */
    public static final String RUNTIME = "berth";
    /** The storage driver. */
    public static final String STORAGE_DRIVER = "overlay2";
    /** PATH in containers whose image sets none, as the reference engine gives it. */
    public static final String DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    public static final long DEFAULT_SHM_SIZE = 64L << 20;
    static final int DEFAULT_STOP_TIMEOUT = 10;

    private Engine() {
    }

    /** Where a container sees its cgroups from, unless the client says otherwise. */
    public static String cgroupnsMode(int cgroupVersion) {
        return cgroupVersion == 2 ? "private" : "host";
    }
}
