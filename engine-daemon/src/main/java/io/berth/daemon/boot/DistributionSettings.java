package io.berth.daemon.boot;

import io.berth.store.registry.InsecureRegistries;
import io.berth.store.registry.Patience;
import io.berth.store.registry.Proxies;
import io.berth.store.registry.RegistrySettings;
import io.berth.store.transfer.TransferSettings;
import java.net.URI;
import java.util.List;
import java.util.Map;

/**
 * How images move to and from registries.
 *
 * @param insecureRegistries names and ranges of addresses
 * @param mirrors of docker.io, each with a slash at its end
 * @param httpProxy empty where nothing was set, as are the two that follow
 * @param maxConcurrentDownloads of layers of one pull
 * @param maxConcurrentUploads of layers of one push
 * @param maxDownloadAttempts of each, the first one counted
 */
public record DistributionSettings(List<String> insecureRegistries, List<URI> mirrors, String httpProxy, String httpsProxy, String noProxy,
        int maxConcurrentDownloads, int maxConcurrentUploads, int maxDownloadAttempts) {

    static final int DOWNLOADS = 3;
    static final int UPLOADS = 5;
    static final int ATTEMPTS = 5;

    /** When nothing is set. */
    public static final DistributionSettings DEFAULT = new DistributionSettings(List.of(), List.of(), "", "", "", DOWNLOADS, UPLOADS, ATTEMPTS);

    /** What is not set is taken from the environment. */
    public RegistrySettings registries(Map<String, String> environment) {
        return new RegistrySettings(InsecureRegistries.of(insecureRegistries), mirrors, Proxies.of(httpProxy, httpsProxy, noProxy, environment),
                RegistrySettings.HOST_DIRECTORIES, Patience.DEFAULT.withAttempts(maxDownloadAttempts));
    }

    public TransferSettings transfers() {
        return new TransferSettings(maxConcurrentDownloads, maxConcurrentUploads, maxDownloadAttempts);
    }

    /** Reads a mirror's address as the reference does, with its refusals. */
    static URI mirror(String text) {
        URI uri;
        try {
            uri = URI.create(text);
        } catch (IllegalArgumentException malformed) {
            throw new IllegalArgumentException("invalid mirror: \"" + text + "\" is not a valid URI: " + malformed.getMessage());
        }
        if (uri.getScheme() == null || uri.getHost() == null && uri.getScheme().matches("https?")) {
            throw new IllegalArgumentException("invalid mirror: no scheme specified for \"" + text + "\": must use either 'https://' or 'http://'");
        }
        if (!uri.getScheme().matches("https?")) {
            throw new IllegalArgumentException("invalid mirror: unsupported scheme \"" + uri.getScheme() + "\" in \"" + text
                    + "\": must use either 'https://' or 'http://'");
        }
        if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
            throw new IllegalArgumentException("invalid mirror: query or fragment at end of the URI \"" + text + '"');
        }
        if (uri.getRawUserInfo() != null) {
            throw new IllegalArgumentException("invalid mirror: username/password not allowed in URI \"" + text.replaceFirst("//[^@]*@", "//xxxxx:xxxxx@") + '"');
        }
        return URI.create(text.replaceFirst("/+$", "") + '/');
    }

    /** A number of things at once; 0 stands for what is usual. */
    static int count(String text) {
        if (!text.matches("[0-9]{1,6}")) {
            throw new IllegalArgumentException("not a whole number from 0 on");
        }
        return Integer.parseInt(text);
    }

    static int atLeastOne(String text) {
        int count = count(text);
        if (count == 0) {
            throw new IllegalArgumentException("not a whole number from 1 on");
        }
        return count;
    }
}
