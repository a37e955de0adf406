package io.berth.store.layer;

import io.berth.linux.file.BytePath;
import io.berth.linux.file.Directory;
import io.berth.linux.file.FileName;
import io.berth.linux.file.FileStatus;
import io.berth.linux.file.FileType;
import io.berth.linux.file.InvalidPathException;
import io.berth.linux.file.RootedDirectory;
import io.berth.linux.kernel.Argument;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.SystemCall;
import io.berth.linux.kernel.SystemCallException;
import io.berth.store.content.StoreException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Unpacks a tar into a directory that has files already and perhaps a container that works with them: what {@code docker cp}
 * does. A member takes the place of what has its name, except that a directory stays and gets the member's owner, mode and
 * time; the destination itself keeps its own.
 *
 * <p>The destination is the whole world to the archive: symbolic links on the way to a member, which may have been there before
 * or come from the archive itself, lead where they would lead in a process whose root is the destination, and names that
 * climb out are refused. Whoever swaps directories for links meanwhile gains nothing: the kernel resolves each path and
 * never leaves the destination ({@link RootedDirectory#container}).
 *
 * <p>Members that were unpacked before a refusal stay. Whiteouts of layers mean nothing here. For one archive.
 */
public final class TreeUnpacker {

    /** Who owns what is unpacked, whatever the archive says. */
    public record Owner(int uid, int gid) {
    }

    /**
     * @param keepKinds a directory is not replaced by anything else, and nothing else by a directory
     * @param owner instead of each member's own
     */
    public record Rules(boolean keepKinds, Optional<Owner> owner) {
    }

    private record Times(BytePath directory, long seconds, int nanos) {
    }

    private final Kernel kernel;
    private final RootedDirectory destination;
    private final String displayed;
    private final Rules rules;
    private final MemberWriter members;
    /** Directories' times are set at the end, when nothing changes them any more. */
    private final List<Times> times = new ArrayList<>();
    /** The last parent, since the next member is mostly beside it. */
    private List<FileName> openNames = List.of();
    private Optional<Directory> open = Optional.empty();

    /**
     * @param destination stays the caller's
     * @param displayed what the destination is called in messages
     */
    public TreeUnpacker(RootedDirectory destination, String displayed, Rules rules) {
        this.kernel = destination.kernel();
        this.destination = destination;
        this.displayed = displayed;
        this.rules = rules;
        this.members = new MemberWriter(kernel);
    }

    /** @throws StoreException invalid, when the archive or one of its members is refused */
    public void unpack(TarReader tar) throws IOException {
        try {
            for (Optional<TarEntry> entry = tar.next(); entry.isPresent(); entry = tar.next()) {
                unpack(entry.get(), tar);
            }
            setTimes();
        } finally {
            forgetParent();
        }
    }

    private void unpack(TarEntry given, TarReader tar) throws IOException {
        TarEntry entry = rules.owner().map(owner -> given.ownedBy(owner.uid(), owner.gid())).orElse(given);
        List<FileName> names = names(entry.path(), "entry name");
        if (names.isEmpty()) {
            return;
        }
        try {
            place(entry, tar, names);
        } catch (SystemCallException failure) {
            throw explained(entry, failure);
        } catch (UncheckedIOException failure) {
            throw failure.getCause();
        }
    }

    /** With the reference's words. */
    private static List<FileName> names(byte[] path, String what) {
        try {
            return BytePath.of(path).names();
        } catch (InvalidPathException unsafe) {
            throw StoreException.invalid("invalid " + what + " \"" + new String(path, StandardCharsets.UTF_8) + "\"", unsafe);
        }
    }

    private void place(TarEntry entry, TarReader tar, List<FileName> names) {
        FileName name = names.getLast();
        Directory parent = parent(names);
        Optional<FileStatus> there = parent.find(name);
        boolean directory = entry.type() == TarEntry.Type.DIRECTORY;
        there.ifPresent(status -> checkKinds(entry, status, names));
        if (there.isPresent() && !(directory && there.get().isDirectory()) && !madeWay(parent, name)) {
            overwrite(parent, name, entry, tar);
            return;
        }
        switch (entry.type()) {
            case DIRECTORY -> makeDirectory(parent, names, entry);
            case HARD_LINK -> link(parent, name, entry);
            case REGULAR, SYMBOLIC_LINK, FIFO, CHARACTER_DEVICE, BLOCK_DEVICE -> members.make(parent, name, entry, tar);
        }
    }

    private void checkKinds(TarEntry entry, FileStatus there, List<FileName> names) {
        boolean directory = entry.type() == TarEntry.Type.DIRECTORY;
        if (rules.keepKinds() && directory != there.isDirectory()) {
            String path = path(names).toString().substring(1);
            throw StoreException.invalid(directory ? "cannot overwrite non-directory \"" + path + "\" with directory \"" + displayed + "\""
                    : "cannot overwrite directory \"" + path + "\" with non-directory \"" + displayed + "\"");
        }
    }

    /** False when it is a mount point, which keeps its name. */
    private boolean madeWay(Directory parent, FileName name) {
        try {
            parent.removeTree(name);
        } catch (SystemCallException failure) {
            if (failure.errno() != Errno.EBUSY) {
                throw failure;
            }
            return false;
        }
        return true;
    }

    /** A file that is mounted on its own, such as {@code /etc/hosts}: its content can be replaced, it cannot. */
    private void overwrite(Directory parent, FileName name, TarEntry entry, TarReader tar) {
        try (Fd path = parent.openPath(name)) {
            if (entry.type() != TarEntry.Type.REGULAR || FileStatus.of(kernel, path).type() != FileType.REGULAR) {
                throw new SystemCallException(SystemCall.UNLINKAT, Errno.EBUSY, parent.fd(), Argument.of(name.bytes()));
            }
            try (Fd file = kernel.open(SystemCall.OPENAT, Argument.of(FileCalls.AT_FDCWD), Argument.of(path.path()),
                    Argument.of(FileCalls.O_WRONLY | FileCalls.O_TRUNC | FileCalls.O_CLOEXEC), Argument.NULL)) {
                members.fill(file, entry, tar);
            }
        }
    }

    private void makeDirectory(Directory parent, List<FileName> names, TarEntry entry) {
        FileName name = names.getLast();
        try {
            parent.makeDirectory(name, 0700);
        } catch (SystemCallException there) {
            if (there.errno() != Errno.EEXIST) {
                throw there;
            }
        }
        try (Directory made = parent.directory(name)) {
            members.attributes().apply(made.fd(), entry);
        }
        times.add(new Times(path(names), entry.modifiedSeconds(), entry.modifiedNanos()));
    }

    private void link(Directory parent, FileName name, TarEntry entry) {
        List<FileName> target = names(entry.linkPath(), "hardlink target");
        if (target.isEmpty()) {
            throw StoreException.invalid("invalid hardlink target \"" + new String(entry.linkPath(), StandardCharsets.UTF_8) + "\"");
        }
        try (Directory targetParent = destination.directory(path(target.subList(0, target.size() - 1)))) {
            parent.link(name, targetParent, target.getLast());
        }
    }

    /** The directory that holds the last of {@code names}; missing ones are made with mode 0755. Stays ours. */
    private Directory parent(List<FileName> names) {
        List<FileName> parent = names.subList(0, names.size() - 1);
        if (open.isEmpty() || !parent.equals(openNames)) {
            forgetParent();
            open = Optional.of(destination.makeDirectories(path(parent)));
            openNames = List.copyOf(parent);
        }
        return open.get();
    }

    private void forgetParent() {
        open.ifPresent(Directory::close);
        open = Optional.empty();
    }

    private static BytePath path(List<FileName> names) {
        return BytePath.of(names);
    }

    /** A directory that has become something else meanwhile has no time to set. */
    private void setTimes() {
        for (Times time : times) {
            try (Directory directory = destination.directory(time.directory())) {
                FileAttributes.setTimes(kernel, directory.fd(), time.seconds(), time.nanos());
            } catch (SystemCallException gone) {
                if (gone.errno() != Errno.ENOENT && gone.errno() != Errno.ENOTDIR && gone.errno() != Errno.ELOOP) {
                    throw gone;
                }
            }
        }
    }

    /** Says which answers of the kernel the archive or the tree deserves; the others are the disk's or ours. */
    private static RuntimeException explained(TarEntry entry, SystemCallException failure) {
        return switch (failure.errno()) {
            case ENOENT -> entry.type() == TarEntry.Type.HARD_LINK ? refused(entry, "there is no \""
                    + new String(entry.linkPath(), StandardCharsets.UTF_8) + "\" to link to", failure) : refused(entry, failure.errno().text(), failure);
            case ELOOP, ENOTDIR, ENAMETOOLONG, EMLINK, EXDEV, EINVAL, EPERM, EACCES, EBUSY, EROFS, EISDIR ->
                    refused(entry, failure.errno().text(), failure);
            default -> failure;
        };
    }

    private static StoreException refused(TarEntry entry, String why, Throwable cause) {
        return StoreException.invalid("unpack \"" + entry.displayPath() + "\": " + why, cause);
    }
}
