package io.berth.store.layer;

import io.berth.linux.file.Directory;
import io.berth.linux.file.FileName;
import io.berth.linux.kernel.JnrKernel;
import io.berth.linux.kernel.Kernel;
import java.nio.file.Path;

/** A directory on the disk for a test, removed with whatever a hostile layer left in it. */
public final class TemporaryDirectory implements AutoCloseable {

    private static final String PARENT = System.getProperty("java.io.tmpdir");

    private final Kernel kernel = new JnrKernel();
    private final Directory parent = Directory.open(kernel, PARENT);
    private final FileName name = FileName.of("berth-test-" + ProcessHandle.current().pid() + "-" + System.nanoTime());

    public TemporaryDirectory() {
        parent.makeDirectory(name, 0755);
    }

    public Kernel kernel() {
        return kernel;
    }

    public Path path() {
        return Path.of(PARENT, name.toString());
    }

    public Directory open() {
        return parent.directory(name);
    }

    @Override
    public void close() {
        parent.removeTree(name);
        parent.close();
    }
}
