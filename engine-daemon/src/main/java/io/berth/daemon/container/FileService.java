package io.berth.daemon.container;

import io.berth.api.container.CommitContainer;
import io.berth.api.container.ExtractArchive;
import io.berth.api.container.FileArchive;
import io.berth.api.container.FileOperations;
import io.berth.api.container.TarStream;
import io.berth.api.http.ApiException;
import io.berth.api.wire.container.PathChange;
import io.berth.api.wire.container.PathStat;
import io.berth.linux.file.Directory;
import io.berth.linux.file.FileStatus;
import io.berth.linux.file.RootedDirectory;
import io.berth.linux.kernel.BlockingCalls;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SystemCall;
import io.berth.linux.kernel.SystemCallException;
import io.berth.linux.launch.ProcessSpec.Credentials;
import io.berth.store.image.StoredImage;
import io.berth.store.layer.Compression;
import io.berth.store.layer.OverlayChanges;
import io.berth.store.layer.TarReader;
import io.berth.store.layer.TarWriter;
import io.berth.store.layer.TreePacker;
import io.berth.store.layer.TreeUnpacker;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * The API's operations on the files of containers. All of an operation happens on one thread that may wait in the kernel, the
 * waits for the client included: a file of a container may hang as long as a client does.
 */
final class FileService implements FileOperations {

    private static final int BUFFER = 64 << 10;
    private static final int SIZE_OF_STATFS = 120;
    private static final int FLAGS_OF_STATFS = 80;
    private static final long ST_RDONLY = 1;

    private final Kernel kernel;
    private final Containers containers;
    private final RootFilesystem filesystems;
    private final ContainerFiles files;
    private final ContainerCommit commit;
    private final ContainerEvents events;
    private final BlockingCalls blockingCalls;

    FileService(Kernel kernel, Containers containers, RootFilesystem filesystems, ContainerFiles files, ContainerCommit commit,
            ContainerEvents events, BlockingCalls blockingCalls) {
        this.kernel = kernel;
        this.containers = containers;
        this.filesystems = filesystems;
        this.files = files;
        this.commit = commit;
        this.events = events;
        this.blockingCalls = blockingCalls;
    }

    @Override
    public PathStat stat(String container, String path) {
        Container found = containers.resolve(container);
        ContainerPath wanted = new ContainerPath(container, path);
        return blockingCalls.call(() -> {
            try (OpenFiles open = files.open(found); Fd file = wanted.find(open.root())) {
                return wanted.stat(open.root(), file);
            }
        });
    }

    @Override
    public FileArchive archive(String container, String path) {
        Container found = containers.resolve(container);
        ContainerPath wanted = new ContainerPath(container, path);
        FileArchive archive = blockingCalls.call(() -> find(found, wanted));
        events.publish(found, "archive-path");
        return archive;
    }

    private FileArchive find(Container container, ContainerPath wanted) {
        OpenFiles open = files.open(container);
        try {
            Fd file = wanted.find(open.root());
            return new Found(container, open, file, wanted.stat(open.root(), file), wanted.base());
        } catch (RuntimeException failure) {
            open.close();
            throw failure;
        }
    }

    /** What a client wants, open until it was sent. */
    private final class Found implements FileArchive {
        private final Container container;
        private final OpenFiles open;
        private final Fd file;
        private final PathStat stat;
        private final String name;

        Found(Container container, OpenFiles open, Fd file, PathStat stat, String name) {
            this.container = container;
            this.open = open;
            this.file = file;
            this.stat = stat;
            this.name = name;
        }

        @Override
        public PathStat stat() {
            return stat;
        }

        @Override
        public void writeTo(OutputStream out) throws IOException {
            onKernelThread(() -> pack(container, out, packer -> packer.add(file, name.getBytes(StandardCharsets.UTF_8))));
        }

        @Override
        public void close() {
            file.close();
            open.close();
        }
    }

    @Override
    public TarStream export(String container) {
        Container found = containers.resolve(container);
        return new Exported(found, blockingCalls.call(() -> files.open(found)));
    }

    /** A container's root file system without what is mounted in it. */
    private final class Exported implements TarStream {
        private final Container container;
        private final OpenFiles open;

        Exported(Container container, OpenFiles open) {
            this.container = container;
            this.open = open;
        }

        @Override
        public void writeTo(OutputStream out) throws IOException {
            onKernelThread(() -> {
                try (Fd mount = open.rootAlone(); Directory root = Directory.at(kernel, mount)) {
                    pack(container, out, packer -> packer.addContents(root));
                }
            });
            events.publish(container, "export");
        }

        @Override
        public void close() {
            open.close();
        }
    }

    @Override
    public List<PathChange> changes(String container) {
        Container found = containers.resolve(container);
        List<String> lower = filesystems.lower(found.definition().imageId());
        List<OverlayChanges.Change> changes = blockingCalls.call(() -> changes(found, lower));
        return changes.stream().map(change -> new PathChange(new String(change.path(), StandardCharsets.UTF_8), change.kind().ordinal())).toList();
    }

    private List<OverlayChanges.Change> changes(Container container, List<String> lower) {
        try {
            List<OverlayChanges.Change> changes = OverlayChanges.of(kernel, lower, filesystems.upper(container.id()).toString());
            ContainerFiles.requireThere(container);
            return changes;
        } catch (SystemCallException failure) {
            ContainerFiles.requireThere(container);
            throw failure;
        }
    }

    @Override
    public String commit(CommitContainer request) throws IOException {
        Container found = containers.resolve(request.container());
        StoredImage[] image = new StoredImage[1];
        onKernelThread(() -> image[0] = commit.commit(found, request));
        return image[0].id().toString();
    }

    @Override
    public void extract(ExtractArchive request, InputStream tar) throws IOException {
        Container found = containers.resolve(request.container());
        ContainerPath wanted = new ContainerPath(request.container(), request.path());
        onKernelThread(() -> {
            try (OpenFiles open = files.open(found); RootedDirectory destination = wanted.directory(open.root())) {
                requireWritable(open.root(), destination);
                Optional<TreeUnpacker.Owner> owner = request.ownedByUser() ? user(found, open.root()) : Optional.empty();
                unpack(tar, new TreeUnpacker(destination, wanted.toString(), new TreeUnpacker.Rules(request.keepKinds(), owner)));
            }
        });
        events.publish(found, "extract-to-dir");
    }

    private static void unpack(InputStream tar, TreeUnpacker unpacker) throws IOException {
        try (InputStream plain = Compression.unwrapOnly(tar)) {
            unpacker.unpack(new TarReader(plain));
        } catch (IOException failure) {
            if (Compression.isContentsFault(failure)) {
                throw Compression.refusal(failure);
            }
            throw failure;
        }
    }

    /** A whole mount can be read-only; whether it is the container's root tells the device. */
    private void requireWritable(RootedDirectory root, RootedDirectory destination) {
        NativeBuffer statfs = NativeBuffer.allocate(SIZE_OF_STATFS);
        kernel.call(SystemCall.FSTATFS, destination.root().fd(), statfs);
        if ((statfs.bytes().getLong(FLAGS_OF_STATFS) & ST_RDONLY) != 0) {
            boolean ofRoot = device(root) == device(destination);
            throw ApiException.invalid(ofRoot ? "container rootfs is marked read-only" : "mounted volume is marked read-only");
        }
    }

    private long device(RootedDirectory directory) {
        return FileStatus.of(kernel, directory.root().fd()).device();
    }

    private Optional<TreeUnpacker.Owner> user(Container container, RootedDirectory root) {
        String user = container.spec().program().user();
        if (user.isEmpty()) {
            return Optional.empty();
        }
        Credentials credentials = ContainerUser.find(kernel, root, user, List.of()).credentials();
        return Optional.of(new TreeUnpacker.Owner(credentials.uid(), credentials.gid()));
    }

    private interface Packing {
        void with(TreePacker packer) throws IOException;
    }

    /** A container that is removed meanwhile loses its files one by one: what has come of them must not look complete. */
    private void pack(Container container, OutputStream out, Packing packing) throws IOException {
        BufferedOutputStream buffered = new BufferedOutputStream(out, BUFFER);
        TarWriter tar = new TarWriter(buffered);
        packing.with(new TreePacker(kernel, tar, TreePacker.Form.FILES));
        ContainerFiles.requireThere(container);
        tar.finish();
        buffered.flush();
    }

    private interface Work {
        void run() throws IOException;
    }

    private void onKernelThread(Work work) throws IOException {
        try {
            blockingCalls.run(() -> {
                try {
                    work.run();
                } catch (IOException failure) {
                    throw new UncheckedIOException(failure);
                }
            });
        } catch (UncheckedIOException failure) {
            throw failure.getCause();
        }
    }
}
