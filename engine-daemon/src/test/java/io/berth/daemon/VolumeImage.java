package io.berth.daemon;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** The test image with a directory {@code /data} of files that are worth copying: owners, modes, times, links. */
final class VolumeImage {

    static final int MODIFIED = 1_000_000_000;

    private VolumeImage() {
    }

    /** For {@code docker import -}. */
    static byte[] rootFileSystem() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes);
                TarArchiveInputStream base = new TarArchiveInputStream(new ByteArrayInputStream(TestImage.rootFileSystem()))) {
            for (TarArchiveEntry entry = base.getNextEntry(); entry != null; entry = base.getNextEntry()) {
                tar.putArchiveEntry(entry);
                base.transferTo(tar);
                tar.closeArchiveEntry();
            }
            add(tar, entry("data/", 0751), "");
            add(tar, entry("data/inner/", 02770), "");
            add(tar, entry("data/inner/file", 0755), "content\n");
            link(tar, "data/hard", TarConstants.LF_LINK, "data/inner/file");
            link(tar, "data/soft", TarConstants.LF_SYMLINK, "inner/file");
            link(tar, "link", TarConstants.LF_SYMLINK, "data/inner");
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return bytes.toByteArray();
    }

    private static TarArchiveEntry entry(String name, int mode) {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setMode(mode);
        entry.setIds(1000, 1001);
        entry.setModTime(MODIFIED * 1000L);
        return entry;
    }

    private static void add(TarArchiveOutputStream tar, TarArchiveEntry entry, String content) throws IOException {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        entry.setSize(bytes.length);
        tar.putArchiveEntry(entry);
        tar.write(bytes);
        tar.closeArchiveEntry();
    }

    private static void link(TarArchiveOutputStream tar, String name, byte kind, String target) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name, kind);
        entry.setMode(0755); // the reference engine gives that of a hard link to its file
        entry.setIds(1000, 1001);
        entry.setModTime(MODIFIED * 1000L);
        entry.setLinkName(target);
        tar.putArchiveEntry(entry);
        tar.closeArchiveEntry();
    }
}
