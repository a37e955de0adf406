package io.berth.store.registry;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The proxies to use, with the meaning that the usual variables have (golang.org/x/net/http/httpproxy).
 *
 * @param http for plain HTTP, {@code [http://][USER:PASSWORD@]HOST[:PORT]}; empty for none
 * @param https for HTTPS
 * @param no whom to ask directly: hosts with all their subdomains, {@code .example.com} or {@code *.example.com} for the
 *         subdomains alone, addresses, {@code ADDRESS/BITS}, each perhaps with a port, or {@code *}; separated by commas
 */
public record Proxies(String http, String https, String no) {

    public static final Proxies NONE = new Proxies("", "", "");

    /** What the settings say, or else the environment. */
    public static Proxies of(String http, String https, String no, Map<String, String> environment) {
        return new Proxies(http.isEmpty() ? variable(environment, "HTTP_PROXY") : http,
                https.isEmpty() ? variable(environment, "HTTPS_PROXY") : https,
                no.isEmpty() ? variable(environment, "NO_PROXY") : no);
    }

    private static String variable(Map<String, String> environment, String name) {
        String value = environment.getOrDefault(name, "");
        return value.isEmpty() ? environment.getOrDefault(name.toLowerCase(Locale.ROOT), "") : value;
    }

    /** @throws IllegalArgumentException when it is no proxy's address */
    public static void check(String proxy) {
        URI uri = parsed(proxy);
        if (!"http".equalsIgnoreCase(uri.getScheme()) || uri.getHost() == null) {
            throw new IllegalArgumentException("a proxy is given as http://HOST:PORT");
        }
    }

    private static URI parsed(String proxy) {
        return URI.create(proxy.contains("://") ? proxy : "http://" + proxy);
    }

    /** The proxy for an address, if it is to be asked through one. */
    Optional<URI> of(URI uri) {
        String proxy = uri.getScheme().equalsIgnoreCase("https") ? https : http;
        return proxy.isEmpty() || isDirect(uri) ? Optional.empty() : Optional.of(parsed(proxy));
    }

    private boolean isDirect(URI uri) {
        Origin origin = Origin.of(uri);
        String host = Origin.hostOf(origin.host());
        Optional<InetAddress> address = literal(host);
        if (host.equals("localhost") || address.filter(InetAddress::isLoopbackAddress).isPresent()) {
            return true;
        }
        return Stream.of(no.split("[,\\s]+")).map(rule -> rule.strip().toLowerCase(Locale.ROOT)).filter(rule -> !rule.isEmpty())
                .anyMatch(rule -> covers(rule, host, address, origin.port()));
    }

    private static boolean covers(String rule, String host, Optional<InetAddress> address, int port) {
        if (rule.equals("*")) {
            return true;
        }
        if (rule.indexOf('/') >= 0) {
            return address.isPresent() && range(rule).filter(range -> range.contains(address.get())).isPresent();
        }
        if (Origin.portOf(rule, port) != port) {
            return false;
        }
        String name = Origin.hostOf(rule);
        if (address.isPresent()) {
            return literal(name).filter(address.get()::equals).isPresent();
        }
        String domain = name.startsWith("*.") ? name.substring(1) : name;
        return domain.startsWith(".") ? host.endsWith(domain) : host.equals(domain) || host.endsWith('.' + domain);
    }

    private static Optional<AddressRange> range(String text) {
        try {
            return Optional.of(AddressRange.parse(text));
        } catch (IllegalArgumentException none) {
            return Optional.empty();
        }
    }

    private static Optional<InetAddress> literal(String host) {
        try {
            return Optional.of(InetAddress.ofLiteral(host));
        } catch (IllegalArgumentException name) {
            return Optional.empty();
        }
    }

    /** The value of Proxy-Authorization for an address, when its proxy has a user. */
    public Optional<String> authorization(URI uri) {
        return of(uri).map(URI::getUserInfo)
                .map(user -> "Basic " + Base64.getEncoder().encodeToString(user.getBytes(StandardCharsets.UTF_8)));
    }

    /** As Java asks for it. */
    public ProxySelector selector() {
        return new ProxySelector() {
            @Override
            public List<Proxy> select(URI uri) {
                return List.of(Proxies.this.of(uri).map(proxy -> new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved(Origin.hostOf(proxy.getHost()),
                        proxy.getPort() < 0 ? 80 : proxy.getPort()))).orElse(Proxy.NO_PROXY));
            }

            @Override
            public void connectFailed(URI uri, SocketAddress proxy, IOException failure) {
                // The request fails with the reason.
            }
        };
    }

    /** For people: without passwords. */
    @Override
    public String toString() {
        return "http " + shown(http) + ", https " + shown(https) + ", not for " + no;
    }

    /** A proxy's address as {@code docker info} shows it. */
    public static String shown(String proxy) {
        return proxy.replaceFirst("//[^/@]*@", "//xxxxx:xxxxx@");
    }
}
