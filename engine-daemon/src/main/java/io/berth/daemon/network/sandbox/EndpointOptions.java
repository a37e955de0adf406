package io.berth.daemon.network.sandbox;

import io.berth.daemon.network.address.NetworkException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What can be said about one container's link, with the reference's names ({@code --network driver-opt=…}).
 *
 * @param link    its name in the container
 * @param sysctls of the link, by name with {@code IFNAME} for the link's, as {@code net.ipv4.conf.IFNAME.log_martians}
 */
public record EndpointOptions(Optional<String> link, Map<String, String> sysctls) {

    private static final String OURS = "com.docker.network.";
    private static final String LINK = OURS + "endpoint.ifname";
    private static final String SYSCTLS = OURS + "endpoint.sysctls";
    /** IFNAMSIZ without the zero. */
    private static final int LONGEST_LINK = 15;

    public EndpointOptions {
        sysctls = Map.copyOf(sysctls);
    }

    /** @throws NetworkException invalid, with the reference's words for a sysctl that is none of a link */
    public static EndpointOptions parse(Map<String, String> options) {
        options.keySet().stream().filter(name -> name.startsWith(OURS) && !List.of(LINK, SYSCTLS).contains(name)).sorted().findFirst()
                .ifPresent(name -> {
                    throw invalid("driver option " + name + " of an endpoint is not supported by berth");
                });
        Optional<String> link = Optional.ofNullable(options.get(LINK)).filter(name -> !name.isEmpty());
        link.filter(name -> name.length() > LONGEST_LINK || !name.matches("[^/:\\s]+") || name.matches("\\.{1,2}|lo")).ifPresent(name -> {
            throw invalid("invalid interface name " + name + ": 1 to " + LONGEST_LINK + " characters without space, slash and colon");
        });
        Map<String, String> sysctls = new LinkedHashMap<>();
        for (String setting : options.getOrDefault(SYSCTLS, "").split(",")) {
            if (!setting.isEmpty()) {
                // the docker CLI writes all of an option in small letters
                if (!setting.matches("net\\.(ipv4|ipv6|mpls)\\.[a-z]+\\.(?i:IFNAME)\\.[a-z0-9_]+=[^\\s]*")) {
                    throw invalid("unrecognised network interface sysctl '" + setting
                            + "'; represent 'net.X.Y.ethN.Z=V' as 'net.X.Y.IFNAME.Z=V', 'X' must be 'ipv4', 'ipv6' or 'mpls'");
                }
                sysctls.put(setting.substring(0, setting.indexOf('=')), setting.substring(setting.indexOf('=') + 1));
            }
        }
        return new EndpointOptions(link, sysctls);
    }

    private static NetworkException invalid(String message) {
        return new NetworkException(NetworkException.Kind.INVALID, message);
    }

    /** The files to write below {@code /proc/sys/net} for a link of this name. */
    public Map<String, String> files(String link) {
        Map<String, String> files = new LinkedHashMap<>();
        sysctls.forEach((name, value) -> {
            String[] parts = name.split("\\.");
            files.put(String.join("/", parts[1], parts[2], link, parts[4]), value);
        });
        return files;
    }
}
