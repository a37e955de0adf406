package io.berth.api.wire.network;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import io.berth.api.wire.NullWhenEmpty;
import io.berth.api.wire.OmitEmpty;
import io.berth.api.wire.WireName;
import java.util.List;
import java.util.Map;

/**
 * Where a network's addresses come from.
 *
 * @param options null when none were given, which differs from giving an empty set
 */
public record Ipam(String driver, @JsonSetter(nulls = Nulls.SET) Map<String, String> options, @NullWhenEmpty List<Range> config) {

    public Ipam {
        driver = driver == null ? "" : driver;
        config = config == null ? List.of() : List.copyOf(config);
    }

    /** Nothing was asked for. */
    public static Ipam unspecified() {
        return new Ipam("", null, List.of());
    }

    /**
     * One subnet. In an answer, empty texts were not asked for and not chosen by the engine either.
     *
     * @param ipRange the part of the subnet that addresses are taken from
     * @param auxiliaryAddresses by name; no container gets them
     */
    public record Range(@OmitEmpty String subnet, @OmitEmpty @WireName("IPRange") String ipRange, @OmitEmpty String gateway,
                        @OmitEmpty Map<String, String> auxiliaryAddresses) {

        public Range {
            subnet = subnet == null ? "" : subnet;
            ipRange = ipRange == null ? "" : ipRange;
            gateway = gateway == null ? "" : gateway;
            auxiliaryAddresses = auxiliaryAddresses == null ? Map.of() : auxiliaryAddresses;
        }
    }
}
