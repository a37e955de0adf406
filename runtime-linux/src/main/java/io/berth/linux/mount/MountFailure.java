package io.berth.linux.mount;

/** Something of a container's file tree could not be mounted: what, and the kernel's reason. */
public final class MountFailure extends RuntimeException {

    public MountFailure(String attempted, RuntimeException cause) {
        super(attempted + ": " + cause.getMessage(), cause);
    }
}
