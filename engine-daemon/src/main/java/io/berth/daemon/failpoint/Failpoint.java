package io.berth.daemon.failpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/**
 * The places between two steps of an operation at which a test kills the daemon, each named by what has just been done. A
 * thread that gets to the armed one makes the file that the test waits for and stays there until the kill; all other threads
 * go on, as they would.
 *
 * <p>Armed by {@code -Dberth.failpoint=NAME} and {@code -Dberth.failpoint.reached=FILE} alone, once for a process. Otherwise
 * {@link #reach} compares a reference with null.
 */
public enum Failpoint {
    /** The name is taken; nothing is on disk. */
    CREATE_NAMED,
    /** The volumes are there and used; nothing else of the container is. */
    CREATE_VOLUMES_MADE,
    /** The directories are there, the journal knows nothing. */
    CREATE_DIRECTORIES_MADE,
    /** The container exists, and nobody has been told. */
    CREATE_RECORDED,

    /** The network is written down; nothing of it is on the host. */
    NETWORK_RECORDED,
    /** Its device is there, and nobody has been told. */
    NETWORK_MADE,
    /** The journal has forgotten the network; its device and rules are there. */
    NETWORK_REMOVAL_RECORDED,
    /** Device and rules are gone, and nobody has been told. */
    NETWORK_UNMADE,

    /** One of the links of a container that starts is there. */
    CONNECT_LINKED,
    /** All of them are, and its ports are published; nothing is written down. */
    CONNECT_PUBLISHED,
    /** The ports of a container that has ended are free; its addresses are not. */
    DISCONNECT_WITHDRAWN,
    /** A running container has its link to a further network. */
    JOIN_LINKED,
    /** Its default routes are where they are to be. */
    JOIN_ROUTED,
    /** Its published ports are too; nothing is written down. */
    JOIN_PUBLISHED,
    /** The ports of a running container lead past the network that it is to leave. */
    LEAVE_WITHDRAWN,
    /** Its link is gone. */
    LEAVE_UNLINKED,
    /** Its default routes lead elsewhere; nothing is written down. */
    LEAVE_ROUTED,

    /** Namespace, link and published ports are there; nothing is written down. */
    START_CONNECTED,
    /** The address is written down; there is no cgroup. */
    START_ADDRESS_RECORDED,
    /** The cgroup is there, without a process. */
    START_CGROUP_MADE,
    /** The file tree is mounted, in descriptors of the daemon. */
    START_TREE_PREPARED,
    /** The process runs; only the keeper knows. */
    START_LAUNCHED,
    /** It runs and that is written down; nobody has been told. */
    START_RECORDED,

    /** The polite signal is sent. */
    STOP_SIGNALLED,
    /** The process has ended; its network is gone, its exit is not written down. */
    STOP_DISCONNECTED,
    /** The exit is written down; the cgroup is there. */
    STOP_RECORDED,
    /** The cgroup is gone; the keeper still remembers the exit. */
    STOP_CGROUP_REMOVED,
    /** The keeper has forgotten the exit; for {@code --rm} the removal has not begun. */
    STOP_RELEASED,

    /** Nothing is left to do but the removal itself; the journal still has the container. */
    REMOVE_BEGUN,
    /** The journal has forgotten the container; its files are there. */
    REMOVE_RECORDED,
    /** The files wait for their deletion; nobody has been told. */
    REMOVE_FILES_TAKEN,

    /** For whom a volume is to be mounted is written down; it is not mounted. */
    VOLUME_MOUNT_INTENDED,
    /** It is mounted; the start that needs it has not gone on. */
    VOLUME_MOUNTED,
    /** It is unmounted; its last user is still written down. */
    VOLUME_UNMOUNTED,

    /** The exec exists, and nobody has been told. */
    EXEC_RECORDED,
    /** Its process runs; only the keeper knows. */
    EXEC_LAUNCHED,
    /** Its end is written down; the keeper still remembers the exit. */
    EXEC_END_RECORDED,

    /** That the container is to stand still for the commit is written down; it runs. */
    COMMIT_HOLD_RECORDED,
    /** It stands still, if it ran; nothing of the image is there. */
    COMMIT_HELD,
    /** The layer's tar is written and hashed, under no name. */
    COMMIT_LAYER_WRITTEN,
    /** The layer is unpacked; its blob is not there. */
    COMMIT_LAYER_UNPACKED,
    /** The blob is there too. */
    COMMIT_LAYER_STORED,
    /** All content of the image is there; no record knows it. */
    COMMIT_CONFIGURATION_STORED,
    /** The image exists; the container stands still. */
    COMMIT_RECORDED,
    /** The container goes on, and the client has not been answered. */
    COMMIT_RELEASED,

    /** What the name leads to is known; nothing has come. */
    PULL_BEGUN,
    /** A layer is unpacked and its blob is there; others are on their way. */
    PULL_LAYER_ARRIVED,
    /** All of the image is there; no record knows it. */
    PULL_ARRIVED,
    /** The image exists, and nobody has been told. */
    PULL_RECORDED,

    /** The container stands still; that is not written down. */
    PAUSE_FROZEN,
    /** It goes on; that is not written down. */
    UNPAUSE_THAWED,

    /** The new name is written down; the old one is taken, and nobody has been told. */
    RENAME_RECORDED,

    /** What is to change is written down; nothing has. */
    UPDATE_INTENDED,
    /** The kernel has the new limits; the container is defined with the old ones. */
    UPDATE_APPLIED,
    /** The new definition is written down; nobody has been told. */
    UPDATE_RECORDED,

    /** The container has the link to a further network; nothing is written down. */
    ATTACH_JOINED,
    /** Its endpoint is written down; its definition has nothing of the network. */
    ATTACH_ENDPOINT_RECORDED,
    /** It is connected, and nobody has been told. */
    ATTACH_RECORDED,
    /** Its definition has nothing of the network any more; the link is there. */
    DETACH_RECORDED,
    /** The link is gone; its endpoint is still written down. */
    DETACH_LEFT,

    /** It is stopped in order to be started again. */
    RESTART_STOPPED,

    /** The signal is sent. */
    KILL_SIGNALLED;

    /** Not a field of the enumeration, which a start-up cache might keep as it was when that was made. */
    private static final class Armed {
        private static final Failpoint POINT = System.getProperty("berth.failpoint") == null ? null : valueOf(System.getProperty("berth.failpoint"));
    }

    /** Returns at once, unless this one is armed: then never. */
    public void reach() {
        if (this == Armed.POINT) {
            stayHere();
        }
    }

    private static void stayHere() {
        try {
            Files.createFile(Path.of(System.getProperty("berth.failpoint.reached")));
        } catch (IOException failure) {
            throw new UncheckedIOException("tell the test that its failpoint is reached", failure);
        }
        while (true) {
            LockSupport.park();
        }
    }
}
