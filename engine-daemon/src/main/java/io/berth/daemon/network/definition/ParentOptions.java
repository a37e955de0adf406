package io.berth.daemon.network.definition;

import io.berth.daemon.network.address.NetworkException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What can be said about a macvlan or ipvlan network, with the reference's names. The modes are checked to be among the
 * driver's.
 *
 * @param parent the host's link, or one of its VLANs as in {@code eth0.10}; empty: a link of the network's own that leads
 *               nowhere
 * @param mode   {@code bridge}, {@code l2} …
 * @param flag   of ipvlan, {@code bridge} …
 * @param mtu    0: the parent's
 */
public record ParentOptions(Optional<String> parent, String mode, String flag, int mtu, String linkPrefix) {

    private static final List<String> MACVLAN_MODES = List.of("bridge", "private", "vepa", "passthru");
    private static final List<String> IPVLAN_MODES = List.of("l2", "l3", "l3s");
    private static final List<String> IPVLAN_FLAGS = List.of("bridge", "private", "vepa");
    private static final List<String> KNOWN = List.of(Options.MTU, Options.LINK_PREFIX, BridgeOptions.ENABLE_IPV4, BridgeOptions.ENABLE_IPV6);
    static final String PASSTHRU = "passthru";

    /** @throws NetworkException with the reference's words for what cannot be read */
    public static ParentOptions of(Driver driver, Map<String, String> texts) {
        Options options = new Options(texts);
        options.requireKnown(KNOWN);
        Optional<String> parent = options.text("parent").filter(name -> !name.isEmpty());
        if (parent.filter("lo"::equals).isPresent()) {
            throw new NetworkException(NetworkException.Kind.UNAVAILABLE, "loopback interface is not a valid " + driver + " parent link");
        }
        boolean macvlan = driver == Driver.MACVLAN;
        String mode = macvlan ? chosen(options, driver, "mode", MACVLAN_MODES, "'bridge' mode")
                : chosen(options, driver, "mode", IPVLAN_MODES, "'l2' mode");
        String flag = macvlan ? "" : chosen(options, driver, "flag", IPVLAN_FLAGS, "'bridge'");
        return new ParentOptions(parent, mode, flag, options.mtu(), options.linkPrefix());
    }

    private static String chosen(Options options, Driver driver, String what, List<String> known, String shown) {
        String text = options.text(driver + "_" + what).filter(given -> !given.isEmpty()).orElse(known.getFirst()).toLowerCase(Locale.ROOT);
        if (!known.contains(text)) {
            throw new NetworkException(NetworkException.Kind.UNAVAILABLE, "requested " + driver + " " + what + " '" + text + "' is not valid, "
                    + shown + " is the " + driver + " driver default");
        }
        return text;
    }

    /** Whether containers send what is not for them to the link itself, without a gateway. */
    public boolean routes() {
        return mode.startsWith("l3");
    }
}
