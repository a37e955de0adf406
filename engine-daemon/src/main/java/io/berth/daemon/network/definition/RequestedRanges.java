package io.berth.daemon.network.definition;

import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.address.NetworkException;
import io.berth.daemon.network.address.Subnet;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The subnets that a client asks for, read with all complaints at once, in the reference's words. */
final class RequestedRanges {

    private final List<String> complaints = new ArrayList<>();

    private RequestedRanges() {
    }

    /** Gateways are those that were given. */
    static List<AddressRange> read(List<NetworkRequest.Range> asked) {
        RequestedRanges reader = new RequestedRanges();
        List<AddressRange> ranges = new ArrayList<>();
        asked.forEach(range -> reader.read(range).ifPresent(ranges::add));
        if (!reader.complaints.isEmpty()) {
            String list = reader.complaints.size() == 1 ? reader.complaints.getFirst() : "* " + String.join("\n* ", reader.complaints);
            throw new NetworkException(NetworkException.Kind.INVALID, "invalid network config:\n" + list);
        }
        return ranges;
    }

    private Optional<AddressRange> read(NetworkRequest.Range asked) {
        Optional<Subnet> subnet = subnet("subnet", asked.subnet());
        if (subnet.isEmpty()) {
            return Optional.empty();
        }
        Subnet whole = subnet.get();
        int before = complaints.size();
        Optional<Subnet> range = asked.range().isEmpty() ? Optional.empty() : subnet("ip-range", asked.range());
        range.ifPresent(part -> checkRange(whole, part));
        Optional<IpAddress> gateway = asked.gateway().isEmpty() ? Optional.empty() : address("gateway " + asked.gateway(), asked.gateway(), whole);
        Map<String, IpAddress> auxiliary = new LinkedHashMap<>();
        asked.auxiliary().forEach((name, text) -> address("auxiliary address " + name, text, whole).ifPresent(address -> auxiliary.put(name, address)));
        return complaints.size() > before ? Optional.empty()
                : Optional.of(new AddressRange(whole, gateway, range, auxiliary, true, gateway.isPresent()));
    }

    private void checkRange(Subnet whole, Subnet part) {
        if (part.prefixLength() < whole.prefixLength() && part.family() == whole.family()) {
            complaints.add("invalid ip-range " + part + ": CIDR block is bigger than its parent subnet " + whole);
        } else if (!whole.contains(part)) {
            complaints.add("invalid ip-range " + part + ": parent subnet " + whole + " doesn't contain ip-range");
        }
    }

    private Optional<Subnet> subnet(String what, String text) {
        int slash = text.indexOf('/');
        try {
            IpAddress address = IpAddress.parse(text.substring(0, Math.max(slash, 0)));
            Subnet around = Subnet.around(address, Integer.parseInt(text.substring(slash + 1)));
            if (!around.network().equals(address)) {
                complaints.add("invalid " + what + " " + text + ": it should be " + around);
                // what else is said about it can be judged nevertheless
            }
            return Optional.of(around);
        } catch (IllegalArgumentException invalid) {
            complaints.add("invalid " + what + " " + text + ": invalid CIDR block notation");
            return Optional.empty();
        }
    }

    private Optional<IpAddress> address(String what, String text, Subnet whole) {
        try {
            IpAddress address = IpAddress.parse(text);
            if (!whole.contains(address)) {
                complaints.add("invalid " + what + ": parent subnet " + whole + " doesn't contain this address");
            }
            return Optional.of(address);
        } catch (IllegalArgumentException invalid) {
            complaints.add("invalid " + what + ": invalid address");
            return Optional.empty();
        }
    }
}
