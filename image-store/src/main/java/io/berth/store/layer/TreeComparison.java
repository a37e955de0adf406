package io.berth.store.layer;

import io.berth.linux.file.Directory;
import io.berth.linux.file.ExtendedAttributes;
import io.berth.linux.file.FileName;
import io.berth.linux.file.FileStatus;
import io.berth.linux.file.FileType;
import io.berth.linux.file.RootedDirectory;
import io.berth.linux.kernel.Argument;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SystemCall;
import io.berth.linux.kernel.SystemCallException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Compares a layer's tree with one that has just been made from the same blob: presence, kind, mode, owner, size, time, link
 * target, device number, extended attributes, which names are one file, and every byte.
 *
 * <p>Times that the blob does not tell (of parents it does not list, of whiteouts) are those of the unpacking, and not compared:
 * they are recognised by being no older than that.
 */
final class TreeComparison {

    private static final int BLOCK = 64 * 1024;

    private final Kernel kernel;
    private final ExtendedAttributes extended;
    private final FileStatus begun;
    private final Consumer<LayerDifference> told;
    /** Of files with several names: the inode that stands for it on the other side. */
    private final Map<Long, Long> sameFile = new HashMap<>();

    /** @param begun something that was made immediately before the unpacking began */
    TreeComparison(Kernel kernel, FileStatus begun, Consumer<LayerDifference> told) {
        this.kernel = kernel;
        this.extended = new ExtendedAttributes(kernel);
        this.begun = begun;
        this.told = told;
    }

    void compare(Directory expected, Directory found) {
        Deque<List<FileName>> waiting = new ArrayDeque<>();
        waiting.add(List.of());
        try (RootedDirectory left = RootedDirectory.strict(kernel, expected.again().fd());
                RootedDirectory right = RootedDirectory.strict(kernel, found.again().fd())) {
            status(List.of(), FileStatus.of(kernel, expected.fd()), FileStatus.of(kernel, found.fd()));
            attributes(List.of(), expected.fd(), found.fd());
            while (!waiting.isEmpty()) {
                List<FileName> names = waiting.removeLast();
                try (Directory there = left.directory(names); Directory here = right.directory(names)) {
                    entries(names, there, here, waiting);
                }
            }
        }
    }

    private void entries(List<FileName> parent, Directory expected, Directory found, Deque<List<FileName>> waiting) {
        Map<String, FileName> surplus = new TreeMap<>();
        found.list().forEach(entry -> surplus.put(key(entry.name()), entry.name()));
        for (Directory.Entry entry : expected.list()) {
            List<FileName> names = below(parent, entry.name());
            if (surplus.remove(key(entry.name())) == null) {
                tell(names, "is missing");
                continue;
            }
            FileStatus there = expected.status(entry.name());
            FileStatus here = found.status(entry.name());
            if (there.type() != here.type()) {
                tell(names, "is a " + word(here.type()) + " instead of a " + word(there.type()));
                continue;
            }
            status(names, there, here);
            try (Fd left = expected.openPath(entry.name()); Fd right = found.openPath(entry.name())) {
                attributes(names, left, right);
            }
            switch (there.type()) {
                case DIRECTORY -> waiting.add(names);
                case REGULAR -> content(names, expected, found, there, here);
                case SYMBOLIC_LINK -> target(names, expected, found);
                default -> { }
            }
        }
        surplus.values().forEach(name -> tell(below(parent, name), "is not in the layer's blob"));
    }

    private void status(List<FileName> names, FileStatus expected, FileStatus found) {
        if (expected.type() != FileType.SYMBOLIC_LINK && expected.permissions() != found.permissions()) {
            tell(names, "has mode %04o instead of %04o".formatted(found.permissions(), expected.permissions()));
        }
        if (expected.uid() != found.uid() || expected.gid() != found.gid()) {
            tell(names, "belongs to " + owner(found) + " instead of " + owner(expected));
        }
        boolean timeIsTold = expected.modifiedSeconds() < begun.modifiedSeconds()
                || expected.modifiedSeconds() == begun.modifiedSeconds() && expected.modifiedNanos() < begun.modifiedNanos();
        if (timeIsTold && (expected.modifiedSeconds() != found.modifiedSeconds() || expected.modifiedNanos() != found.modifiedNanos())) {
            tell(names, "was changed at " + time(found) + " instead of " + time(expected));
        }
        if (expected.deviceMajor() != found.deviceMajor() || expected.deviceMinor() != found.deviceMinor()) {
            tell(names, "is device " + device(found) + " instead of " + device(expected));
        }
    }

    private void attributes(List<FileName> names, Fd expected, Fd found) {
        Map<String, byte[]> there = attributes(expected);
        Map<String, byte[]> here = attributes(found);
        there.forEach((name, value) -> {
            byte[] other = here.remove(name);
            if (!Arrays.equals(value, other)) {
                tell(names, other == null ? "lacks its attribute " + name : "has another value of its attribute " + name);
            }
        });
        here.keySet().forEach(name -> tell(names, "has an attribute " + name + " of its own"));
    }

    private Map<String, byte[]> attributes(Fd file) {
        Map<String, byte[]> attributes = new TreeMap<>();
        extended.list(file).forEach(name -> extended.get(file, name)
                .ifPresent(value -> attributes.put(new String(name, StandardCharsets.ISO_8859_1), value)));
        return attributes;
    }

    private void content(List<FileName> names, Directory expected, Directory found, FileStatus there, FileStatus here) {
        if (there.linkCount() != here.linkCount()) {
            tell(names, "has " + here.linkCount() + " names instead of " + there.linkCount());
        } else if (there.linkCount() > 1) {
            Long known = sameFile.putIfAbsent(there.inode(), here.inode());
            if (known != null) {
                if (known != here.inode()) {
                    tell(names, "is another file than its hard link");
                }
                return;
            }
        }
        if (there.size() != here.size()) {
            tell(names, "has " + here.size() + " bytes instead of " + there.size());
            return;
        }
        try (Fd left = expected.open(names.getLast(), FileCalls.O_RDONLY, 0); Fd right = found.open(names.getLast(), FileCalls.O_RDONLY, 0)) {
            firstDifference(left, right, there.size()).ifPresent(at -> tell(names, "has other content from byte " + at + " on"));
        } catch (SystemCallException unreadable) {
            tell(names, "cannot be read: " + unreadable.getMessage());
        }
    }

    private Optional<Long> firstDifference(Fd expected, Fd found, long size) {
        NativeBuffer left = NativeBuffer.allocate(BLOCK);
        NativeBuffer right = NativeBuffer.allocate(BLOCK);
        for (long at = 0; at < size;) {
            int wanted = (int) Math.min(BLOCK, size - at);
            int count = fill(expected, left, wanted);
            if (fill(found, right, wanted) != count) {
                return Optional.of(at);
            }
            int mismatch = left.bytes().slice(0, count).mismatch(right.bytes().slice(0, count));
            if (mismatch >= 0) {
                return Optional.of(at + mismatch);
            }
            if (count == 0) {
                break;
            }
            at += count;
        }
        return Optional.empty();
    }

    /** read(2) of a regular file gives what was asked for, or what is left. */
    private int fill(Fd file, NativeBuffer into, int wanted) {
        return (int) kernel.call(SystemCall.READ, file, into, Argument.of(wanted));
    }

    private void target(List<FileName> names, Directory expected, Directory found) {
        if (!Arrays.equals(expected.readLink(names.getLast()), found.readLink(names.getLast()))) {
            tell(names, "leads elsewhere");
        }
    }

    private void tell(List<FileName> names, String problem) {
        StringBuilder path = new StringBuilder();
        names.forEach(name -> path.append('/').append(new String(name.bytes(), StandardCharsets.UTF_8)));
        told.accept(new LayerDifference(path.isEmpty() ? "/" : path.toString(), problem));
    }

    private static List<FileName> below(List<FileName> parent, FileName name) {
        List<FileName> names = new ArrayList<>(parent);
        names.add(name);
        return names;
    }

    private static String key(FileName name) {
        return new String(name.bytes(), StandardCharsets.ISO_8859_1);
    }

    private static String owner(FileStatus status) {
        return Integer.toUnsignedString(status.uid()) + ":" + Integer.toUnsignedString(status.gid());
    }

    private static String device(FileStatus status) {
        return status.deviceMajor() + ":" + status.deviceMinor();
    }

    private static String time(FileStatus status) {
        return Instant.ofEpochSecond(status.modifiedSeconds(), status.modifiedNanos()).toString();
    }

    private static String word(FileType type) {
        return type.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
