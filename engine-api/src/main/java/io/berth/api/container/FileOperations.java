package io.berth.api.container;

import io.berth.api.wire.container.PathChange;
import io.berth.api.wire.container.PathStat;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/**
 * What the API does with the files of containers, whether they run or not. Called on a virtual thread each; every operation
 * may block.
 *
 * <p>{@code container} is as for {@link ContainerOperations}. A path begins at the container's root whether or not it begins with
 * a slash, and never leaves it. A path that is not there is NOT_FOUND {@code Could not find the file PATH in container CONTAINER},
 * where the CONTAINER is what the client wrote.
 */
public interface FileOperations {

    /** What is known of a file; of a symbolic link at the end of the path, of the link. */
    PathStat stat(String container, String path);

    /** Finds a file or directory to be sent as a tar; throws before a byte is sent. A slash or dot at the end of the path means what it leads to. */
    FileArchive archive(String container, String path);

    /** The whole root file system, without what is mounted in it; throws before a byte is sent. */
    TarStream export(String container);

    /** What differs from the image, directories before what is in them. */
    List<PathChange> changes(String container);

    /**
     * Makes an image of what a container has changed and of how it runs.
     *
     * @return the image's id
     */
    String commit(CommitContainer request) throws IOException;

    /**
     * Unpacks a tar, perhaps compressed, into a directory of the container. Members that were unpacked before a failure stay.
     * Refused as INVALID, with the reference's words: a path that is no directory, a directory on a mount that is read-only, a tar
     * that is damaged or would leave the directory.
     */
    void extract(ExtractArchive request, InputStream tar) throws IOException;
}
