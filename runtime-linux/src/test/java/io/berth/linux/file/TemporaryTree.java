package io.berth.linux.file;

import io.berth.linux.kernel.JnrKernel;
import io.berth.linux.kernel.Kernel;
import java.nio.file.Path;

/** A directory on the disk for a test, opened both ways. Deleted by the code under test, which copes with any tree. */
public final class TemporaryTree implements AutoCloseable {

    public final Kernel kernel = new JnrKernel();
    private final Directory parent = Directory.open(kernel, System.getProperty("java.io.tmpdir"));
    private final FileName name = FileName.of("berth-test-" + ProcessHandle.current().pid() + "-" + System.nanoTime());

    public TemporaryTree() {
        parent.makeDirectory(name, 0755);
    }

    public Path path() {
        return Path.of(System.getProperty("java.io.tmpdir"), name.toString());
    }

    public Directory directory() {
        return parent.directory(name);
    }

    public RootedDirectory container() {
        return RootedDirectory.container(kernel, parent.directory(name).fd());
    }

    public RootedDirectory strict() {
        return RootedDirectory.strict(kernel, parent.directory(name).fd());
    }

    @Override
    public void close() {
        parent.removeTree(name);
        parent.close();
    }
}
