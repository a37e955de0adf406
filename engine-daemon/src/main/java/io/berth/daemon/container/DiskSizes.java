package io.berth.daemon.container;

import io.berth.linux.file.Directory;
import io.berth.linux.file.TreeSize;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.SystemCallException;
import io.berth.store.image.Images;
import io.berth.store.image.StoredImage;

/** How many bytes containers take: the sizes of their files, not of the blocks. Computed when asked for. */
final class DiskSizes {

    private final Kernel kernel;
    private final RootFilesystem filesystems;
    private final Images images;

    DiskSizes(Kernel kernel, RootFilesystem filesystems, Images images) {
        this.kernel = kernel;
        this.filesystems = filesystems;
        this.images = images;
    }

    /** What the container itself has written; nothing any more when it is on its way out. */
    long changes(Container container) {
        try (Directory upper = Directory.open(kernel, filesystems.upper(container.id()).toString())) {
            return TreeSize.of(upper);
        } catch (SystemCallException failure) {
            if (failure.errno() == Errno.ENOENT) {
                return 0;
            }
            throw failure;
        }
    }

    long image(Container container) {
        return images.ofContainer(container.definition().imageId()).map(StoredImage::size).orElse(0L);
    }
}
