package io.berth.store.layer;

import io.berth.store.durable.DiskFiles;
import io.berth.store.durable.DurableFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/** Files on the disk, with something done before a step of the code under test: so races happen when a test wants them. */
public final class InterceptedFiles implements DurableFiles {

    private final DurableFiles disk = new DiskFiles();
    /** Told the step ({@code rename}, {@code syncDirectory}, …) and the path, before it happens. */
    public volatile BiConsumer<String, Path> before = (step, path) -> { };

    @Override
    public OpenFile create(Path path) {
        before.accept("create", path);
        return disk.create(path);
    }

    @Override
    public OpenFile open(Path path) {
        return disk.open(path);
    }

    @Override
    public Optional<OpenFile> find(Path path) {
        return disk.find(path);
    }

    @Override
    public boolean exists(Path path) {
        return disk.exists(path);
    }

    @Override
    public void rename(Path from, Path to) {
        before.accept("rename", to);
        disk.rename(from, to);
    }

    @Override
    public void delete(Path path) {
        before.accept("delete", path);
        disk.delete(path);
    }

    @Override
    public List<String> list(Path directory) {
        return disk.list(directory);
    }

    @Override
    public void makeDirectories(Path directory) {
        disk.makeDirectories(directory);
    }

    @Override
    public void syncDirectory(Path directory) {
        before.accept("syncDirectory", directory);
        disk.syncDirectory(directory);
    }
}
