package io.berth.linux.cgroup;

/**
 * Learns at once when the kernel kills a process of a container for want of memory, whichever process it is. Adding a container
 * costs its start next to nothing. The kernel tells it once or several times for one kill, and may tell it before the process is
 * dead.
 */
public interface OomWatch extends AutoCloseable {

    /** Watches the group of a container that has been started. What has happened before is told too. */
    void add(String id);

    /** The container has ended: from now on nothing is told of it. To be called before its group is removed. */
    void remove(String id);

    @Override
    void close();
}
