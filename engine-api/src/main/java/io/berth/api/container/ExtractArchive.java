package io.berth.api.container;

/**
 * Where a tar is to be unpacked, and how.
 *
 * @param keepKinds a directory is not replaced by anything else, and nothing else by a directory
 * @param ownedByUser everything belongs to the container's user and its group, not to whom the tar says
 */
public record ExtractArchive(String container, String path, boolean keepKinds, boolean ownedByUser) {
}
