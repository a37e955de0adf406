package io.berth.api;

import io.berth.api.container.CommitContainer;
import io.berth.api.container.ExtractArchive;
import io.berth.api.container.FileArchive;
import io.berth.api.container.FileOperations;
import io.berth.api.container.TarStream;
import io.berth.api.http.ApiException;
import io.berth.api.wire.container.PathChange;
import io.berth.api.wire.container.PathStat;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Files for tests of routes: one file that is everywhere, and a note of what was asked. */
public final class FakeFiles implements FileOperations {
    public static final PathStat STAT = new PathStat("f", 5, 0644, "2026-01-01T00:00:00Z", "");

    public final List<Object> asked = new ArrayList<>();
    /** Whether sending an archive fails in its middle. */
    public boolean breaks;

    @Override
    public PathStat stat(String container, String path) {
        asked.add(List.of(container, path));
        if (path.equals("/missing")) {
            throw ApiException.notFound("Could not find the file " + path + " in container " + container);
        }
        return STAT;
    }

    @Override
    public FileArchive archive(String container, String path) {
        PathStat stat = stat(container, path);
        return new FileArchive() {
            @Override
            public PathStat stat() {
                return stat;
            }

            @Override
            public void writeTo(OutputStream out) throws IOException {
                out.write("archive".getBytes(StandardCharsets.UTF_8));
                if (breaks) {
                    throw new IOException("the disk is gone");
                }
            }

            @Override
            public void close() {
                asked.add("closed");
            }
        };
    }

    @Override
    public TarStream export(String container) {
        return archive(container, "/");
    }

    @Override
    public List<PathChange> changes(String container) {
        return container.equals("same") ? List.of() : List.of(new PathChange("/f", 1));
    }

    @Override
    public String commit(CommitContainer request) {
        asked.add(request);
        return "sha256:" + "1".repeat(64);
    }

    @Override
    public void extract(ExtractArchive request, InputStream tar) throws IOException {
        asked.add(request);
        asked.add(new String(tar.readAllBytes(), StandardCharsets.UTF_8));
    }
}
