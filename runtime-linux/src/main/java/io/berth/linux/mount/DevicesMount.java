package io.berth.linux.mount;

import io.berth.linux.file.Directory;
import io.berth.linux.file.FileName;
import io.berth.linux.file.FileType;
import io.berth.linux.kernel.Argument;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.SystemCall;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A container's {@code /dev}: a small tmpfs with the nodes and links that the OCI runtime specification lists. */
final class DevicesMount {

    /** A device of the host that the container gets too. */
    record Device(String name, FileType type, int mode, int major, int minor) {
    }

    private static final List<Device> STANDARD = List.of(
            new Device("null", FileType.CHARACTER_DEVICE, 0666, 1, 3),
            new Device("zero", FileType.CHARACTER_DEVICE, 0666, 1, 5),
            new Device("full", FileType.CHARACTER_DEVICE, 0666, 1, 7),
            new Device("random", FileType.CHARACTER_DEVICE, 0666, 1, 8),
            new Device("urandom", FileType.CHARACTER_DEVICE, 0666, 1, 9),
            new Device("tty", FileType.CHARACTER_DEVICE, 0666, 5, 0));

    private static final List<List<String>> LINKS = List.of(
            List.of("fd", "/proc/self/fd"),
            List.of("stdin", "/proc/self/fd/0"),
            List.of("stdout", "/proc/self/fd/1"),
            List.of("stderr", "/proc/self/fd/2"),
            List.of("core", "/proc/kcore"),
            List.of("ptmx", "pts/ptmx"));

    private static final List<String> DIRECTORIES = List.of("pts", "shm", "mqueue");

    private DevicesMount() {
    }

    /** Detached; for a thread with a file mode mask of 0. */
    static Fd make(Kernel kernel, List<Device> more) {
        Fd mount;
        try (MountCalls.Context tmpfs = new MountCalls(kernel).open("tmpfs")) {
            mount = tmpfs.set("source", "tmpfs").set("size", "65536k").set("mode", "755")
                    .mount(MountCalls.ATTR_NO_SUID | MountCalls.ATTR_STRICT_ATIME);
        }
        // A second descriptor, because Directory closes the one it is given.
        try (Directory dev = new Directory(kernel, kernel.open(SystemCall.OPENAT, mount, Argument.of("."),
                Argument.of(FileCalls.O_PATH | FileCalls.O_DIRECTORY | FileCalls.O_CLOEXEC), Argument.NULL))) {
            STANDARD.forEach(device -> make(dev, device));
            for (List<String> link : LINKS) {
                dev.makeSymbolicLink(FileName.of(link.get(0)), link.get(1).getBytes(StandardCharsets.UTF_8));
            }
            DIRECTORIES.forEach(name -> dev.makeDirectory(FileName.of(name), 0755));
            dev.createFile(FileName.of("console"), 0600).close();
            more.stream().filter(device -> !isOurs(device.name())).forEach(device -> make(dev, device));
        } catch (RuntimeException failure) {
            mount.close();
            throw failure;
        }
        return mount;
    }

    /** Whether a container's own /dev has something under this name; what the host has there is another system's. */
    private static boolean isOurs(String name) {
        return name.equals("console") || DIRECTORIES.contains(name) || STANDARD.stream().anyMatch(device -> device.name().equals(name))
                || LINKS.stream().anyMatch(link -> link.getFirst().equals(name));
    }

    private static void make(Directory dev, Device device) {
        dev.makeNode(FileName.of(device.name()), device.type(), device.mode(), device.major(), device.minor());
    }
}
