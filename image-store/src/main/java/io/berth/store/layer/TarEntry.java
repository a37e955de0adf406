package io.berth.store.layer;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * One member of a tar, whatever dialect it was written in.
 *
 * @param path as in the archive: nothing about it can be trusted
 * @param linkPath what a hard or symbolic link leads to; empty for others
 * @param permissions the lower twelve bits of the mode
 * @param size bytes the file has when unpacked
 * @param segments where the bytes that follow in the archive belong, in order; empty for files without holes
 */
public record TarEntry(Type type, byte[] path, byte[] linkPath, int permissions, int uid, int gid, long size,
        long modifiedSeconds, int modifiedNanos, int deviceMajor, int deviceMinor, List<Attribute> attributes,
        List<Segment> segments) {

    /** What a member can be. */
    public enum Type { REGULAR, HARD_LINK, SYMBOLIC_LINK, CHARACTER_DEVICE, BLOCK_DEVICE, DIRECTORY, FIFO }

    /** An extended attribute; both its parts are bytes. */
    public record Attribute(byte[] name, byte[] value) {}

    /** Some bytes of a sparse file; what lies between segments is a hole. */
    public record Segment(long offset, long length) {}

    /** The same with another owner. */
    public TarEntry ownedBy(int newUid, int newGid) {
        return new TarEntry(type, path, linkPath, permissions, newUid, newGid, size, modifiedSeconds, modifiedNanos, deviceMajor,
                deviceMinor, attributes, segments);
    }

    /** The path for people to read. */
    public String displayPath() {
        return new String(path, StandardCharsets.UTF_8);
    }
}
