package io.berth.daemon.volume.plugin;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;

/**
 * Where a plugin listens.
 *
 * @param text as a user knows it
 */
record PluginAddress(SocketAddress address, String text) {

    static PluginAddress ofSocket(Path socket) {
        return new PluginAddress(UnixDomainSocketAddress.of(socket), "unix://" + socket);
    }

    /** @throws PluginException for what is neither {@code unix://PATH} nor {@code tcp://HOST:PORT} */
    static PluginAddress parse(String text) {
        try {
            URI uri = new URI(text);
            String scheme = uri.getScheme() == null ? "" : uri.getScheme();
            if (scheme.equals("unix") && uri.getPath() != null && uri.getPath().startsWith("/")) {
                return ofSocket(Path.of(uri.getPath()));
            }
            if ((scheme.equals("tcp") || scheme.equals("http")) && uri.getHost() != null && uri.getPort() > 0) {
                return new PluginAddress(new InetSocketAddress(uri.getHost(), uri.getPort()), text);
            }
        } catch (URISyntaxException noAddress) {
            // said below
        }
        throw new PluginException(PluginException.Kind.UNREACHABLE, "legacy plugin: Unknown protocol: \"" + text
                + "\" is neither unix://PATH nor tcp://HOST:PORT");
    }
}
