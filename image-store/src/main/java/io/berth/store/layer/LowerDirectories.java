package io.berth.store.layer;

import io.berth.linux.file.Directory;
import io.berth.linux.file.FileName;
import io.berth.linux.file.FileStatus;
import io.berth.linux.kernel.Kernel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** One directory of an image as overlayfs merges it from the layers: the topmost first, none below one that is opaque. */
final class LowerDirectories implements AutoCloseable {

    static final LowerDirectories NONE = new LowerDirectories(List.of());

    private final List<Directory> layers;

    private LowerDirectories(List<Directory> layers) {
        this.layers = layers;
    }

    /** The roots of layers, the topmost first. */
    static LowerDirectories open(Kernel kernel, List<String> roots) {
        List<Directory> opened = new ArrayList<>();
        try {
            roots.forEach(root -> opened.add(Directory.open(kernel, root)));
            return new LowerDirectories(opened);
        } catch (RuntimeException failure) {
            opened.forEach(Directory::close);
            throw failure;
        }
    }

    /** The entry that is seen; empty when there is none or a layer has taken it away. */
    Optional<FileStatus> find(FileName name) {
        return holder(name).map(layer -> layer.status(name));
    }

    /** The layer's directory that has the entry that is seen. */
    Optional<Directory> holder(FileName name) {
        for (Directory layer : layers) {
            Optional<FileStatus> status = layer.find(name);
            if (status.isPresent()) {
                return status.get().isWhiteout() ? Optional.empty() : Optional.of(layer);
            }
        }
        return Optional.empty();
    }

    /** The directory of that name; to be closed by itself. */
    LowerDirectories below(FileName name) {
        List<Directory> opened = new ArrayList<>();
        try {
            for (Directory layer : layers) {
                Optional<FileStatus> status = layer.find(name);
                if (status.isPresent() && !status.get().isDirectory()) {
                    break;
                }
                if (status.isPresent()) {
                    Directory directory = layer.directory(name);
                    opened.add(directory);
                    if (new PackedAttributes(directory.kernel()).isOpaque(directory.fd())) {
                        break;
                    }
                }
            }
            return new LowerDirectories(opened);
        } catch (RuntimeException failure) {
            opened.forEach(Directory::close);
            throw failure;
        }
    }

    /** Of all entries that are seen. */
    Set<FileName> names() {
        Set<FileName> names = new HashSet<>();
        layers.forEach(layer -> layer.list().forEach(entry -> names.add(entry.name())));
        names.removeIf(name -> holder(name).isEmpty());
        return names;
    }

    @Override
    public void close() {
        layers.forEach(Directory::close);
    }
}
