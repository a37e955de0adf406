package io.berth.linux.netlink;

import io.berth.linux.kernel.Errno;

/** The kernel refused a netlink request: what it was to do, on what, why not, and the kernel's own words if it had any. */
public final class NetlinkException extends RuntimeException {

    private final Errno errno;

    NetlinkException(String purpose, Errno errno, String kernelsWords) {
        super(purpose + ": " + errno.describe() + (kernelsWords.isEmpty() ? "" : ": " + kernelsWords));
        this.errno = errno;
    }

    public Errno errno() {
        return errno;
    }
}
