package io.berth.daemon.container;

import io.berth.linux.file.BytePath;
import io.berth.linux.file.FileStatus;
import io.berth.linux.file.FileType;
import io.berth.linux.file.RootedDirectory;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SystemCallException;
import io.berth.linux.launch.ProcessSpec.Credentials;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Who a process in a container is: {@code name}, {@code uid}, {@code name:group}, {@code uid:gid}, looked up in the container's
 * own passwd and group files (passwd(5), group(5)).
 *
 * @param home where {@code HOME} points; {@code /} for a user that the container does not know
 */
record ContainerUser(Credentials credentials, String home) {

    /** A passwd or group file larger than this is not one. */
    private static final int LARGEST_FILE = 8 << 20;

    /**
     * @param user what image or client asked for; empty is root
     * @param more further groups, by name or number
     */
    static ContainerUser find(Kernel kernel, RootedDirectory root, String user, List<String> more) {
        String[] parts = user.split(":", 2);
        String name = parts[0].isEmpty() ? "0" : parts[0];
        Optional<String[]> account = match(entries(kernel, root, "/etc/passwd", 6), name);
        if (account.isEmpty() && !isNumber(name)) {
            throw isOutOfRange(name) ? outOfRange() : new UnknownUserException("unable to find user " + name + ": no matching entries in passwd file");
        }
        int uid = id(account.map(entry -> entry[2]).orElse(name));
        int gid = account.map(entry -> id(entry[3])).orElse(0);
        boolean namesGroup = parts.length == 2 && !parts[1].isEmpty();
        boolean needsGroups = namesGroup || !more.isEmpty() || account.isPresent();
        List<String[]> groups = needsGroups ? entries(kernel, root, "/etc/group", 3) : List.of();
        TreeSet<Integer> supplementary = new TreeSet<>();
        if (namesGroup) {
            gid = group(groups, parts[1]);
        } else {
            account.ifPresent(entry -> groups.stream().filter(group -> lists(group, entry[0]))
                    .forEach(group -> supplementary.add(id(group[2]))));
        }
        supplementary.add(gid); // as the reference engine, so that a setgid program cannot shake off what its group is denied
        more.forEach(group -> supplementary.add(group(groups, group)));
        String home = account.map(entry -> entry[5]).filter(directory -> !directory.isEmpty()).orElse("/");
        return new ContainerUser(new Credentials(uid, gid, List.copyOf(supplementary)), home);
    }

    private static int group(List<String[]> groups, String name) {
        Optional<String[]> entry = match(groups, name);
        if (entry.isEmpty() && !isNumber(name)) {
            throw isOutOfRange(name) ? outOfRange() : new UnknownUserException("unable to find group " + name + ": no matching entries in group file");
        }
        return id(entry.map(group -> group[2]).orElse(name));
    }

    /** A number is always an id: an image that calls its root "1000" does not make user 1000 root. */
    private static Optional<String[]> match(List<String[]> entries, String name) {
        boolean number = isNumber(name);
        return entries.stream().filter(entry -> number ? sameNumber(entry[2], name) : entry[0].equals(name)).findFirst();
    }

    private static boolean sameNumber(String one, String other) {
        return Long.parseLong(one) == Long.parseLong(other);
    }

    private static int id(String number) {
        try {
            return Integer.parseInt(number);
        } catch (NumberFormatException tooLarge) {
            throw outOfRange();
        }
    }

    private static UnknownUserException outOfRange() {
        return new UnknownUserException("uids and gids must be in range 0-2147483647");
    }

    private static boolean lists(String[] group, String user) {
        return group.length > 3 && Arrays.asList(group[3].split(",")).contains(user);
    }

    private static boolean isNumber(String text) {
        return text.matches("[0-9]{1,18}");
    }

    private static boolean isOutOfRange(String text) {
        return text.matches("-[0-9]+|[0-9]{19,}");
    }

    /** The lines of a file of that many fields whose ids are numbers; none when there is no such file. */
    private static List<String[]> entries(Kernel kernel, RootedDirectory root, String path, int fields) {
        List<String[]> entries = new ArrayList<>();
        for (String line : read(kernel, root, path).split("\n")) {
            String[] entry = line.strip().split(":", -1);
            if (entry.length >= fields && !line.startsWith("#") && isNumber(entry[2]) && (fields == 3 || isNumber(entry[3]))) {
                entries.add(entry);
            }
        }
        return entries;
    }

    private static String read(Kernel kernel, RootedDirectory root, String path) {
        try (Fd found = root.resolve(BytePath.of(path))) {
            // The image may have put a device there, and opening one of those can do anything.
            return FileStatus.of(kernel, found).type() == FileType.REGULAR ? content(kernel, found) : "";
        } catch (SystemCallException failure) {
            if (failure.errno() != Errno.ENOENT && failure.errno() != Errno.ENOTDIR) {
                throw failure;
            }
            return "";
        }
    }

    private static String content(Kernel kernel, Fd found) {
        FileCalls files = new FileCalls(kernel);
        NativeBuffer buffer = NativeBuffer.allocate(8 << 10);
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        try (Fd file = files.open(found.path(), FileCalls.O_RDONLY, 0)) {
            int length;
            while ((length = files.read(file, buffer, 0, buffer.size())) > 0 && content.size() < LARGEST_FILE) {
                content.writeBytes(buffer.copy(0, length));
            }
        }
        return content.toString(StandardCharsets.UTF_8);
    }
}
