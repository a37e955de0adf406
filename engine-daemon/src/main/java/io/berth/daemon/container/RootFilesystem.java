package io.berth.daemon.container;

import io.berth.daemon.spec.ContainerId;
import io.berth.daemon.spec.ContainerSpec;
import io.berth.linux.file.BytePath;
import io.berth.linux.file.Directory;
import io.berth.linux.file.FileName;
import io.berth.linux.kernel.BlockingCalls;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.SystemCallException;
import io.berth.linux.mount.ContainerTree;
import io.berth.linux.mount.MountSpec;
import io.berth.linux.mount.PreparedTree;
import io.berth.linux.mount.TreeSpec;
import io.berth.store.content.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directories of the containers below the data root: for each its own changes ({@code upper}, {@code work}), its log, and
 * the files {@code hosts}, {@code hostname} and {@code resolv.conf}.
 *
 * <p>A container that goes is renamed out of the way first; its files are deleted by a thread of their own, and what a crash
 * leaves is deleted at the next start.
 */
final class RootFilesystem implements AutoCloseable {

    /** Where the unpacked layers of an image are. */
    interface Layers {
        /** Their directories, the topmost first. */
        List<String> directories(Digest image);
    }

    private static final Logger LOG = LoggerFactory.getLogger(RootFilesystem.class);
    private static final String UPPER = "upper";
    private static final String WORK = "work";
    private static final String OUTPUT = "log";

    private final Kernel kernel;
    private final BlockingCalls blockingCalls;
    private final Layers layers;
    private final ContainerTree trees;
    private final Path containers;
    private final Path trash;
    private final Path empty;
    /** Another one, for an image of no layers. */
    private final Path nothing;
    private final Path ground;
    private final MountSpecs specs;
    private final ExecutorService deletions = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("container-deletions").daemon().factory());

    /** @param scratch a directory of the daemon's own, empty */
    RootFilesystem(Kernel kernel, BlockingCalls blockingCalls, Layers layers, MountSpecs.VolumePlaces volumes, Path dataRoot, Path scratch) {
        this.kernel = kernel;
        this.blockingCalls = blockingCalls;
        this.layers = layers;
        this.trees = new ContainerTree(kernel, make(scratch).toString());
        this.containers = makePrivate(dataRoot.resolve("containers"));
        this.trash = makePrivate(dataRoot.resolve("trash"));
        this.empty = make(dataRoot.resolve("empty"));
        this.nothing = make(dataRoot.resolve("nothing"));
        this.ground = GroundLayer.make(dataRoot.resolve("ground"));
        this.specs = new MountSpecs(kernel, volumes, this::stacked, dataRoot);
        deletions.execute(this::emptyTrash);
    }

    /** A directory on which a container's root stands for a moment, in its own mount namespace; always empty. */
    Path staging() {
        return empty;
    }

    /** Makes a new container's directories. */
    void create(ContainerId id) {
        Path directory = make(directory(id));
        for (String name : List.of(UPPER, OUTPUT, WORK)) {
            make(directory.resolve(name));
        }
    }

    /** A power cut may have taken the directories of a container whose record is in the journal. */
    void createIfLost(ContainerId id) {
        if (!Files.isDirectory(work(id))) {
            create(id);
        }
    }

    Path directory(ContainerId id) {
        return containers.resolve(id.hex());
    }

    Path upper(ContainerId id) {
        return directory(id).resolve(UPPER);
    }

    Path work(ContainerId id) {
        return directory(id).resolve(WORK);
    }

    Path log(ContainerId id) {
        return directory(id).resolve(OUTPUT);
    }

    /** The file that log collectors find as {@code LogPath}, with the name it has in the reference engine. */
    Path jsonLog(ContainerId id) {
        return directory(id).resolve(id.hex() + "-json.log");
    }

    /** The layers below a container's own directory, the topmost first: the image's, and the ground under all of them. */
    List<String> lower(Digest image) {
        List<String> directories = new ArrayList<>(layers.directories(image));
        directories.add(ground.toString());
        return directories;
    }

    /**
     * Makes the container's file tree, detached. The caller closes it after the launch.
     *
     * @param managed the engine's own files for the container, mounted beside those the user asked for
     */
    PreparedTree prepare(Container container, List<MountSpec> managed, TreeSpec.CgroupView cgroups) {
        return blockingCalls.callUnmasked(() -> {
            TreeSpec tree = tree(container, container.id().hex(), managed, cgroups);
            return trees.prepare(tree, container.rootLease().root(() -> trees.mountRoot(tree)));
        });
    }

    /**
     * The files of a container that does not run: its root and what of the host is mounted in it, the engine's own files
     * included once a start has written them. The caller holds the container's lifecycle.
     *
     * @param user for whom volumes are mounted that have to be
     */
    PreparedTree prepareFiles(Container container, String user) {
        createIfLost(container.id());
        return blockingCalls.callUnmasked(() -> {
            TreeSpec tree = tree(container, user, new NetworkFiles(directory(container.id())).written(container.spec()), new TreeSpec.CgroupView.Unified());
            return trees.prepareFiles(tree, container.rootLease().root(() -> trees.mountRoot(tree)));
        });
    }

    private TreeSpec tree(Container container, String user, List<MountSpec> managed, TreeSpec.CgroupView cgroups) {
        ContainerSpec spec = container.spec();
        List<MountSpec> mounts = specs.of(spec.files().mounts(), user);
        for (MountSpec own : managed) {
            if (mounts.stream().noneMatch(asked -> asked.destination().equals(own.destination()))) {
                mounts.add(own);
            }
        }
        return new TreeSpec(lower(container.definition().imageId()), upper(container.id()).toString(), work(container.id()).toString(),
                mounts, cgroups, spec.rights().privileged(), spec.files().shmSize(), BytePath.of(spec.program().workingDirectory()));
    }

    /** What an image holds, read-only and attached nowhere. The caller closes it. */
    Fd imageTree(Digest image) {
        return blockingCalls.call(() -> trees.layers(stacked(image)));
    }

    /** The layers of an image and an empty one, because an overlay without a place for changes wants two. */
    private List<String> stacked(Digest image) {
        List<String> directories = new ArrayList<>(layers.directories(image));
        while (directories.size() < 2) {
            directories.add((directories.contains(empty.toString()) ? nothing : empty).toString());
        }
        return directories;
    }

    /** Takes a container's directory away; its files go later. */
    void remove(ContainerId id) {
        Path directory = directory(id);
        if (!Files.exists(directory)) {
            return;
        }
        try {
            Files.move(directory, trash.resolve(id.hex()));
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot remove the files of container " + id.shortForm(), failure);
        }
        deletions.execute(this::emptyTrash);
    }

    /** Removes directories of containers that were never made visible: a crash between them and the journal's record. */
    void removeAllBut(List<ContainerId> known) {
        Set<String> owned = known.stream().map(ContainerId::hex).collect(Collectors.toSet());
        try (Directory all = Directory.open(kernel, containers.toString())) {
            for (Directory.Entry entry : all.list()) {
                String name = entry.name().toString();
                if (ContainerId.isOne(name) && !owned.contains(name)) {
                    remove(new ContainerId(name));
                }
            }
        }
    }

    private void emptyTrash() {
        try (Directory directory = Directory.open(kernel, trash.toString())) {
            directory.list().forEach(entry -> empty(directory, entry.name()));
        }
    }

    /** What cannot be removed, an immutable file of a privileged container for example, keeps nothing else from going. */
    private static void empty(Directory trash, FileName name) {
        try {
            trash.removeTree(name);
        } catch (SystemCallException failure) {
            LOG.warn("the files of removed container {} are left in the trash", name, failure);
        }
    }

    /** Only root gets to containers' files, some of which are set-uid; also below a data root that was there before. */
    private static Path makePrivate(Path directory) {
        try {
            return Files.setPosixFilePermissions(make(directory), PosixFilePermissions.fromString("rwx------"));
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot close the directory " + directory + " to others", failure);
        }
    }

    private static Path make(Path directory) {
        try {
            return Files.createDirectories(directory);
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot make the directory " + directory, failure);
        }
    }

    /** Lets deletions that are under way come to their end. */
    @Override
    public void close() {
        deletions.close();
    }
}
