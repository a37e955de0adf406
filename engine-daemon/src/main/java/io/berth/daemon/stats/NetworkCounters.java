package io.berth.daemon.stats;

import io.berth.api.wire.container.StatsResponse.Network;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** What went over the interfaces of a network namespace, as its processes see it. */
public final class NetworkCounters {

    private static final int RECEIVED = 0;
    /** The first of the sent ones in a line of /proc/net/dev. */
    private static final int SENT = 8;

    private NetworkCounters() {
    }

    /** Of the namespace a process is in; without the loopback. None when the process has just ended. */
    public static Map<String, Network> of(int pid) {
        try {
            return parse(Files.readString(Path.of("/proc/" + pid + "/net/dev")));
        } catch (IOException gone) {
            return Map.of();
        }
    }

    static Map<String, Network> parse(String dev) {
        Map<String, Network> interfaces = new TreeMap<>();
        for (String line : dev.split("\n")) {
            int colon = line.indexOf(':');
            if (colon > 0 && !line.substring(0, colon).strip().equals("lo")) {
                String[] words = line.substring(colon + 1).strip().split(" +");
                interfaces.put(line.substring(0, colon).strip(), new Network(at(words, RECEIVED), at(words, RECEIVED + 1), at(words, RECEIVED + 2),
                        at(words, RECEIVED + 3), at(words, SENT), at(words, SENT + 1), at(words, SENT + 2), at(words, SENT + 3)));
            }
        }
        return interfaces;
    }

    private static long at(String[] words, int index) {
        return Long.parseLong(words[index]);
    }
}
