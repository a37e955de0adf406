package io.berth.linux.keeper;

import io.berth.linux.keeper.log.LogOptions;
import io.berth.linux.kernel.Fd;
import java.util.List;

/**
 * All the keeper needs to start a process. Exactly one descriptor has the role TABLE; ends that the keeper reads and writes
 * are non-blocking already.
 *
 * @param key the id of the container or exec, at most 255 bytes of UTF-8
 * @param generation which start of the key this is; greater than all before
 * @param relocations numbers of descriptors to write into the table before it runs
 * @param attachments clients that are connected before the first byte of output
 * @param log where the output is logged, or {@link LogOptions#none()}
 */
public record LaunchRequest(String key, long generation, List<Descriptor> descriptors, List<Relocation> relocations,
        List<Attachment> attachments, LogOptions log) {

    public LaunchRequest {
        descriptors = List.copyOf(descriptors);
        relocations = List.copyOf(relocations);
        attachments = List.copyOf(attachments);
    }

    /** What a descriptor of a launch is for. */
    public enum Role {
        /** The launch table's memory. */
        TABLE,
        /** Inherited by the launcher, then closed in the keeper. */
        CHILD,
        /** The end of a pipe from which the process reads its input. */
        STDIN,
        /** The read end of the process's standard output. */
        STDOUT,
        /** The read end of the process's standard error. */
        STDERR,
        /** The terminal's master: input and output at once. */
        MASTER,
        /**
         * The read end of a pipe whose write end, close-on-exec, is among the CHILD descriptors: its end tells that execve
         * has happened or the process has died. Without it a process counts as started once it is cloned.
         */
        STARTED
    }

    /** A descriptor and its role. */
    public record Descriptor(Role role, Fd fd) {
    }

    /**
     * @param offset of a 64-bit word in the table
     * @param descriptor index in {@link LaunchRequest#descriptors()}; the keeper's number of it is written to the word
     */
    public record Relocation(int offset, int descriptor) {
    }
}
