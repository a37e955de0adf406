package io.berth.daemon.spec;

import io.berth.api.http.ApiException;
import java.util.Map;
import java.util.Set;

/**
 * Kernel parameters of a container: only those that a namespace of its own has (namespaces(7)). Any other would be written to
 * the host, so it is refused in the words of the reference engine's runtime.
 */
public final class Sysctls {

    private static final Set<String> OF_IPC = Set.of("kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem", "kernel.shmall",
            "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced");

    private Sysctls() {
    }

    /**
     * @param ofHost whether the container has the host's network
     * @throws ApiException invalid, for one that is the host's
     */
    static Map<String, String> checked(Map<String, String> asked, boolean ofHost) {
        asked.keySet().forEach(name -> check(name, ofHost));
        return asked;
    }

    private static void check(String name, boolean ofHost) {
        if (!name.matches("[a-zA-Z0-9_-]+(\\.[a-zA-Z0-9_-]+)+")) {
            throw ApiException.invalid("invalid sysctl \"" + name + "\": its parts are separated by dots");
        }
        if (name.startsWith("net.")) {
            if (ofHost) {
                throw ApiException.invalid("sysctl \"" + name + "\" not allowed in host network namespace");
            }
        } else if (!OF_IPC.contains(name) && !name.startsWith("fs.mqueue.")) {
            throw ApiException.invalid("sysctl \"" + name + "\" is not in a separate kernel namespace");
        }
    }
}
