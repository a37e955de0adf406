package io.berth.daemon.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.berth.api.http.ApiException;
import io.berth.api.wire.Json;
import io.berth.api.wire.container.ContainerConfig;
import io.berth.api.wire.container.HostConfig;
import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.port.PortBinding;
import io.berth.daemon.network.port.TransportProtocol;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PortOptionsTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "'\"80/tcp\":[{\"HostPort\":\"8080\"}]' | TCP | '' | 8080 | 8080",
        "'\"80\":[{\"HostPort\":\"8080\"}]' | TCP | '' | 8080 | 8080",
        "'\"80/udp\":[{\"HostIp\":\"127.0.0.1\",\"HostPort\":\"9\"}]' | UDP | 127.0.0.1 | 9 | 9",
        "'\"80/tcp\":[{\"HostPort\":\"8000-8010\"}]' | TCP | '' | 8000 | 8010",
        "'\"80/tcp\":[{\"HostPort\":\"0\"}]' | TCP | '' | 0 | 0",
        "'\"80/tcp\":[{}]' | TCP | '' | 0 | 0",
        "'\"80/tcp\":[]' | TCP | '' | 0 | 0",
        "'\"80/tcp\":null' | TCP | '' | 0 | 0",
        "'\"80/tcp\":[{\"HostIp\":\"::1\",\"HostPort\":\"7\"}]' | TCP | ::1 | 7 | 7",
        "'\"80/tcp\":[{\"HostIp\":\"0.0.0.0\",\"HostPort\":\"7\"}]' | TCP | 0.0.0.0 | 7 | 7",
    })
    void aBindingIsAnAddressAndPortsOfTheHost(String binding, TransportProtocol protocol, String address, int first, int last) throws IOException {
        Optional<IpAddress> wanted = Optional.of(address).filter(text -> !text.isEmpty()).map(IpAddress::parse);
        assertEquals(List.of(new PortBinding(protocol, 80, wanted, first, last)), bindings("{}", "{\"PortBindings\":{" + binding + "}}"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "'\"80/foo\":[]' | 'invalid port specification: \"80/foo\"'",
        "'\"0/tcp\":[]' | 'invalid port specification: \"0/tcp\"'",
        "'\"x\":[]' | 'invalid port specification: \"x\"'",
        "'\"80/tcp\":[{\"HostPort\":\"70000\"}]' | 'invalid port binding for 80/tcp: :70000: the host''s address is an IP address, its port a number or a range of numbers'",
        "'\"80/tcp\":[{\"HostPort\":\"9-5\"}]' | 'invalid port binding for 80/tcp: :9-5: the host''s address is an IP address, its port a number or a range of numbers'",
        "'\"80/tcp\":[{\"HostIp\":\"::1::\"}]' | 'invalid port binding for 80/tcp: ::1:::: the host''s address is an IP address, its port a number or a range of numbers'",
    })
    void whatIsNoPortIsRefused(String binding, String message) {
        assertEquals(message, assertThrows(ApiException.class, () -> bindings("{}", "{\"PortBindings\":{" + binding + "}}")).getMessage());
    }

    @ParameterizedTest
    @CsvSource({"true, '80/tcp=8080 90/udp=0'", "false, '80/tcp=8080'"})
    void allExposedPortsArePublishedWhenAskedFor(boolean all, String expected) throws IOException {
        List<PortBinding> bindings = bindings("{\"ExposedPorts\":{\"80/tcp\":{},\"90/udp\":{}}}",
                "{\"PublishAllPorts\":" + all + ",\"PortBindings\":{\"80/tcp\":[{\"HostPort\":\"8080\"}]}}");
        assertEquals(expected, String.join(" ", bindings.stream().map(b -> b.containerPort() + "/" + b.protocol() + "=" + b.firstHostPort()).toList()));
    }

    private static List<PortBinding> bindings(String config, String host) throws IOException {
        return PortOptions.bindings(Json.mapper().readValue(config, ContainerConfig.class), Json.mapper().readValue(host, HostConfig.class));
    }
}
