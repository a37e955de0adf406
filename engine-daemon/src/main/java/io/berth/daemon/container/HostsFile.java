package io.berth.daemon.container;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * The {@code /etc/hosts} of a container that runs: mounted, so that it has to stay the same file, and perhaps changed by the
 * container, so that everything else in it stays as it is.
 */
final class HostsFile {

    /** A container may write what it likes into its file; nobody reads all of that. */
    private static final long LARGEST = 1 << 20;

    private HostsFile() {
    }

    /**
     * Gives the lines of some names another address, or takes them away.
     *
     * @param addresses by the first name of a line that has several, as those of links have; empty for none any more
     */
    static void readdress(Path file, Map<String, Optional<String>> addresses) throws IOException {
        rewrite(file, before -> changed(before, addresses));
    }

    /**
     * Takes whole lines away, each once where it stands, and appends others.
     *
     * @param gone lines without their ends, as they were written
     */
    static void replace(Path file, List<String> gone, List<String> come) throws IOException {
        rewrite(file, before -> {
            List<String> left = new ArrayList<>(gone.stream().map(HostsFile::latin).toList());
            StringBuilder changed = new StringBuilder();
            lines(before).filter(line -> !left.remove(line.endsWith("\n") ? line.substring(0, line.length() - 1) : line)).forEach(changed::append);
            if (!changed.isEmpty() && !come.isEmpty() && changed.charAt(changed.length() - 1) != '\n') {
                changed.append('\n'); // a container may have left its last line open
            }
            come.forEach(line -> changed.append(latin(line)).append('\n'));
            return changed.toString();
        });
    }

    /** One at a time: what is read here must be what is there when it is written over. */
    private static synchronized void rewrite(Path file, UnaryOperator<String> change) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            if (channel.size() > LARGEST) {
                throw new IOException(file + " has more than " + LARGEST + " bytes by now");
            }
            ByteBuffer content = ByteBuffer.allocate((int) channel.size());
            while (content.hasRemaining() && channel.read(content) > 0) {
                // to the end
            }
            String before = latin(content.flip());
            byte[] after = change.apply(before).getBytes(StandardCharsets.ISO_8859_1);
            if (!before.equals(latin(ByteBuffer.wrap(after)))) {
                // Written over and not emptied first: who reads meanwhile finds names.
                channel.write(ByteBuffer.wrap(after), 0);
                channel.truncate(after.length);
            }
        }
    }

    private static String changed(String text, Map<String, Optional<String>> addresses) {
        StringBuilder changed = new StringBuilder();
        lines(text).forEach(line -> {
            int tab = line.indexOf('\t');
            String name = firstOfSeveral(line, tab);
            if (addresses.containsKey(name)) {
                addresses.get(name).ifPresent(now -> changed.append(now).append(line, tab, line.length()));
            } else {
                changed.append(line);
            }
        });
        return changed.toString();
    }

    /** Each with its end. */
    private static Stream<String> lines(String text) {
        List<String> lines = new ArrayList<>();
        for (int start = 0; start < text.length(); ) {
            int newline = text.indexOf('\n', start);
            int end = newline < 0 ? text.length() : newline + 1;
            lines.add(text.substring(start, end));
            start = end;
        }
        return lines.stream();
    }

    /** Empty for a line that no link has written; those have an IPv4 address and several names. */
    private static String firstOfSeveral(String line, int tab) {
        int space = line.indexOf(' ', tab + 1);
        return tab < 0 || space < 0 || line.lastIndexOf(':', tab) >= 0 ? "" : utf8(line.substring(tab + 1, space));
    }

    /** A character a byte, so that any content comes out as it went in. */
    private static String latin(ByteBuffer bytes) {
        return StandardCharsets.ISO_8859_1.decode(bytes).toString();
    }

    private static String latin(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    private static String utf8(String latin) {
        return new String(latin.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }
}
