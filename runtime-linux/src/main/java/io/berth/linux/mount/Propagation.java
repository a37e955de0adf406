package io.berth.linux.mount;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * What a mount made on the host below a bind mount's source means for the container, and the other way round
 * (mount_namespaces(7), SHARED SUBTREES). With the R also for what is mounted below already.
 */
public enum Propagation {
    PRIVATE(MountCalls.MS_PRIVATE), RPRIVATE(MountCalls.MS_PRIVATE),
    /** Mounts of the host appear in the container. */
    SLAVE(MountCalls.MS_SLAVE), RSLAVE(MountCalls.MS_SLAVE),
    /** And mounts of the container on the host. */
    SHARED(MountCalls.MS_SHARED), RSHARED(MountCalls.MS_SHARED);

    private final long flag;

    Propagation(long flag) {
        this.flag = flag;
    }

    /** MS_PRIVATE, MS_SLAVE or MS_SHARED. */
    long flag() {
        return flag;
    }

    boolean isShared() {
        return flag == MountCalls.MS_SHARED;
    }

    boolean isPrivate() {
        return flag == MountCalls.MS_PRIVATE;
    }

    /**
     * Whether what is mounted below the source takes part. {@code shared} alone leaves those as they are on the host; in a
     * private or slave mount nothing of the container ever reaches the host.
     */
    boolean reachesBelow() {
        return this != SHARED;
    }

    /** By the word of the mount options, such as {@code rshared}. */
    public static Optional<Propagation> parse(String word) {
        return Arrays.stream(values()).filter(propagation -> propagation.toString().equals(word)).findFirst();
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
