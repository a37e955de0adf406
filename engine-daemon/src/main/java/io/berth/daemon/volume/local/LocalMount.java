package io.berth.daemon.volume.local;

import io.berth.linux.mount.HostMounts;
import io.berth.linux.mount.MountFailure;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a volume's options ask to be mounted.
 *
 * @param type a file system's name; of no meaning for a bind mount
 * @param device a path, a device, or what else that file system understands, such as {@code :/exported} or {@code //host/share}
 * @param options as in fstab(5)
 */
public record LocalMount(String type, String device, String options) {

    private static final String ADDRESS = "addr=";
    private static final String PASSWORD = "password=";
    private static final Pattern SHARE_OF_HOST = Pattern.compile("//([^/]+)(/.*)?");
    private static final Pattern IPV4 = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");

    /**
     * Mounts it there. The kernel wants addresses and no names of hosts: these are looked up, each time anew.
     *
     * @throws MountFailure with the reference's words; a password is not among them
     */
    public void mountAt(HostMounts mounts, HostLookup hosts, Path target) {
        if (device.isEmpty()) {
            throw new MountFailure("missing device in volume options");
        }
        LocalMount resolved = resolved(hosts);
        try {
            mounts.mount(resolved.device, target.toString(), resolved.type, resolved.options);
        } catch (MountFailure failure) {
            throw new MountFailure("failed to mount local volume: " + withoutPassword(failure.getMessage()));
        }
    }

    /** With addresses instead of names of hosts. */
    LocalMount resolved(HostLookup hosts) {
        return switch (type) {
            case "nfs", "nfs4" -> option(ADDRESS).filter(host -> !isAddress(host))
                    .map(host -> new LocalMount(type, device, options.replace(ADDRESS + host, ADDRESS + hosts.address(host)))).orElse(this);
            case "cifs", "smb3" -> {
                Matcher share = SHARE_OF_HOST.matcher(device);
                yield share.matches() && !isAddress(share.group(1))
                        ? new LocalMount(type, "//" + hosts.address(share.group(1)) + Optional.ofNullable(share.group(2)).orElse(""), options) : this;
            }
            default -> this;
        };
    }

    private static boolean isAddress(String host) {
        return IPV4.matcher(host).matches() || host.contains(":");
    }

    private Optional<String> option(String name) {
        return Arrays.stream(options.split(",")).filter(option -> option.startsWith(name)).map(option -> option.substring(name.length())).findFirst();
    }

    private String withoutPassword(String text) {
        return option(PASSWORD).filter(password -> !password.isEmpty()).map(password -> text.replace(PASSWORD + password, PASSWORD + "********")).orElse(text);
    }
}
