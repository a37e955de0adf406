package io.berth.daemon;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** The image the tests run: a static busybox under the names of all its commands, and the files a shell looks for. */
public final class TestImage {

    /** What {@code docker import} and the layer of {@link #archive} hold. */
    private static byte[] rootFileSystem;

    private TestImage() {
    }

    /** A busybox without a dynamic linker, as an empty root has none. */
    public static Path busybox() {
        return Stream.of(System.getenv().getOrDefault("BERTH_BUSYBOX", "/bin/busybox"), "/bin/busybox", "/usr/bin/busybox")
                .map(Path::of).filter(Files::isExecutable).findFirst()
                .orElseThrow(() -> new AssertionError("no busybox: install busybox-static, or name one in BERTH_BUSYBOX"));
    }

    /** The root file system as a tar, for {@code docker import -}. */
    public static synchronized byte[] rootFileSystem() {
        if (rootFileSystem == null) {
            rootFileSystem = pack();
        }
        return rootFileSystem.clone();
    }

    /** An archive for {@code docker load} with the image under the name {@code reference}; its command is {@code sh}. */
    public static byte[] archive(String reference) {
        byte[] layer = rootFileSystem();
        String config = """
                {"architecture":"%s","os":"linux","created":"2026-01-01T00:00:00Z","config":{"Cmd":["sh"],"Env":["PATH=/bin"]},
                 "rootfs":{"type":"layers","diff_ids":["sha256:%s"]},"history":[{"created":"2026-01-01T00:00:00Z","created_by":"tests"}]}"""
                .formatted(System.getProperty("os.arch"), sha256(layer));
        String configName = sha256(config.getBytes(StandardCharsets.UTF_8)) + ".json";
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            file(tar, "layer.tar", 0644, layer);
            file(tar, configName, 0644, config.getBytes(StandardCharsets.UTF_8));
            file(tar, "manifest.json", 0644, "[{\"Config\":\"%s\",\"RepoTags\":[\"%s\"],\"Layers\":[\"layer.tar\"]}]"
                    .formatted(configName, reference).getBytes(StandardCharsets.UTF_8));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return bytes.toByteArray();
    }

    private static byte[] pack() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            for (String directory : List.of("bin", "dev", "etc", "proc", "root", "sys", "tmp", "var")) {
                TarArchiveEntry entry = new TarArchiveEntry(directory + '/');
                entry.setMode(directory.equals("tmp") ? 01777 : 0755);
                tar.putArchiveEntry(entry);
                tar.closeArchiveEntry();
            }
            file(tar, "etc/passwd", 0644, "root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/:/bin/sh\n".getBytes(StandardCharsets.UTF_8));
            file(tar, "etc/group", 0644, "root:x:0:\nuser:x:1000:\n".getBytes(StandardCharsets.UTF_8));
            file(tar, "bin/busybox", 0755, Files.readAllBytes(busybox()));
            for (String applet : Commands.run(busybox().toString(), "--list").succeeded().lines().filter(name -> !name.equals("busybox")).toList()) {
                TarArchiveEntry link = new TarArchiveEntry("bin/" + applet, TarConstants.LF_SYMLINK);
                link.setLinkName("busybox");
                tar.putArchiveEntry(link);
                tar.closeArchiveEntry();
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return bytes.toByteArray();
    }

    private static void file(TarArchiveOutputStream tar, String name, int mode, byte[] content) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setMode(0100000 | mode);
        entry.setSize(content.length);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
    }

    static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java has SHA-256", impossible);
        }
    }
}
