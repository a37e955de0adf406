package io.berth.linux.mount;

import io.berth.linux.file.BytePath;
import io.berth.linux.file.RootedDirectory;
import io.berth.linux.file.RootedDirectory.MountPoint;
import io.berth.linux.kernel.Argument;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SystemCall;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Where each mount of a tree belongs that is attached nowhere yet. The kernel cannot walk from one detached mount into
 * another, so a destination below an earlier mount is looked up in that mount.
 *
 * <p>Links are followed inside the container's root only. In the other mounts, whose content the container's image does not
 * determine, a link on the way is refused: it could only be followed as if that mount were the root.
 */
final class MountPlaces {

    /** A mount and the path, without links, at which the container will see it; the root's is empty. */
    private record Place(byte[] path, RootedDirectory tree) {
        boolean covers(byte[] other) {
            return other.length >= path.length && Arrays.equals(path, 0, path.length, other, 0, path.length)
                    && (other.length == path.length || path.length == 0 || other[path.length] == '/');
        }
    }

    private static final int PATH_MAX = 4096;

    private final Kernel kernel;
    private final List<Fd> opened;
    private final List<Place> places = new ArrayList<>();
    private final NativeBuffer link = NativeBuffer.allocate(PATH_MAX);

    /** @param opened takes the descriptors of the targets, for whoever closes the tree */
    MountPlaces(Kernel kernel, Fd root, List<Fd> opened) {
        this.kernel = kernel;
        this.opened = opened;
        places.add(new Place(new byte[0], RootedDirectory.container(kernel, root)));
    }

    /** Where a mount goes: the file below it and the path, without links, at which the container will see it. */
    record Target(Fd fd, byte[] path) {
    }

    /** The target of a mount, made when it is missing. */
    Target find(BytePath destination, MountPoint kind) {
        byte[] path = destination.bytes();
        Place place = deepest(path);
        while (true) {
            Fd target = place.tree().createMountPoint(remainder(place, path), kind);
            opened.add(target);
            path = pathOf(place, target);
            Place covering = deepest(path);
            if (covering == place) {
                return new Target(target, path);
            }
            place = covering; // a link of the root led to where something is mounted
        }
    }

    /** From now on {@code mount} covers {@code target}. */
    void cover(Target target, Fd mount) {
        places.add(new Place(target.path(), RootedDirectory.strict(kernel, mount)));
    }

    private Place deepest(byte[] path) {
        Place deepest = places.getFirst();
        for (Place place : places) {
            if (place.covers(path) && place.path().length >= deepest.path().length) {
                deepest = place;
            }
        }
        return deepest;
    }

    private static BytePath remainder(Place place, byte[] path) {
        byte[] rest = Arrays.copyOfRange(path, place.path().length, path.length);
        return rest.length == 0 ? BytePath.ROOT : BytePath.of(rest);
    }

    /** proc(5) shows an open file of a detached mount by its path from that mount's root. */
    private byte[] pathOf(Place place, Fd target) {
        int length = (int) kernel.call(SystemCall.READLINKAT, Argument.of(FileCalls.AT_FDCWD), Argument.of(target.path()), link,
                Argument.of(PATH_MAX));
        byte[] inside = link.copy(0, length);
        if (length == 1) {
            return place.path();
        }
        byte[] whole = Arrays.copyOf(place.path(), place.path().length + length);
        System.arraycopy(inside, 0, whole, place.path().length, length);
        return whole;
    }
}
