package io.berth.daemon.dns;

import io.berth.daemon.network.address.IpAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** Names that stand for addresses: {@code 2.0.18.172.in-addr.arpa} (RFC 1035, 3.5) and 32 digits {@code ip6.arpa} (RFC 3596, 2.5). */
final class ReverseName {

    private static final String V4 = ".in-addr.arpa";
    private static final String V6 = ".ip6.arpa";
    private static final int V6_DIGITS = 32;

    private ReverseName() {
    }

    /** Empty when the name is none of them. */
    static Optional<IpAddress> address(String name) {
        try {
            if (name.endsWith(V4)) {
                return Optional.of(IpAddress.parse(String.join(".", reversed(name, V4))));
            }
            if (name.endsWith(V6)) {
                return v6(reversed(name, V6));
            }
            return Optional.empty();
        } catch (IllegalArgumentException noAddress) {
            return Optional.empty();
        }
    }

    private static Optional<IpAddress> v6(List<String> digits) {
        if (digits.size() != V6_DIGITS || digits.stream().anyMatch(digit -> digit.length() != 1)) {
            return Optional.empty();
        }
        byte[] bytes = new byte[16];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) HexFormat.fromHexDigits(digits.get(2 * i) + digits.get(2 * i + 1));
        }
        return Optional.of(IpAddress.of(bytes));
    }

    private static List<String> reversed(String name, String suffix) {
        return List.of(name.substring(0, name.length() - suffix.length()).split("\\.", -1)).reversed();
    }
}
