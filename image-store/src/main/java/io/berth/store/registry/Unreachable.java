package io.berth.store.registry;

import io.berth.store.registry.RegistryException.Kind;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Optional;
import javax.net.ssl.SSLException;

/** Why there was no answer, in the words of the reference engine where scripts and people know them. */
final class Unreachable {

    private Unreachable() {}

    static RegistryException of(Request request, IOException failure) {
        boolean nobody = failure instanceof ConnectException || failure instanceof HttpConnectTimeoutException || failure instanceof SSLException;
        return new RegistryException(Kind.UNAVAILABLE, (nobody ? request.ofItsHost() : request).shown() + ": " + reason(request, failure), failure);
    }

    /** Whether the same request may succeed soon: not when nobody listens, when there is no such host, or no trust. */
    static boolean mayPass(IOException failure) {
        return !(failure instanceof ConnectException) && !(failure instanceof SSLException) && !(failure instanceof HttpTimeoutException)
                && !(failure instanceof RefusedRedirectException);
    }

    private static String reason(Request request, IOException failure) {
        String host = request.uri().getHost();
        if (failure instanceof HttpConnectTimeoutException) {
            return "dial tcp: i/o timeout: no connection to " + host + " within the time allowed";
        }
        if (failure instanceof HttpTimeoutException) {
            return "no answer within the time allowed: " + failure.getMessage();
        }
        if (cause(failure, UnresolvedAddressException.class).isPresent() || cause(failure, UnknownHostException.class).isPresent()) {
            return "dial tcp: lookup " + host + ": no such host";
        }
        if (failure instanceof ConnectException) {
            Origin origin = Origin.of(request.uri());
            return "dial tcp " + origin.host() + ':' + origin.port() + ": connect: "
                    + Optional.ofNullable(failure.getMessage()).orElse("connection refused").toLowerCase(java.util.Locale.ROOT);
        }
        if (failure instanceof SSLException tls) {
            return tls(tls);
        }
        return Optional.ofNullable(failure.getMessage()).orElse(failure.getClass().getSimpleName());
    }

    private static String tls(SSLException failure) {
        // Java puts the name of TLS's alert before some.
        String message = String.valueOf(failure.getMessage()).replaceFirst("^\\([a-z_]+\\) ", "");
        if (message.contains("nrecognized SSL message")) {
            return "http: server gave HTTP response to HTTPS client";
        }
        if (cause(failure, CertificateExpiredException.class).isPresent() || cause(failure, CertificateNotYetValidException.class).isPresent()) {
            return "tls: failed to verify certificate: x509: certificate has expired or is not yet valid";
        }
        if (cause(failure, CertPathBuilderException.class).isPresent() || cause(failure, CertPathValidatorException.class).isPresent()) {
            return "tls: failed to verify certificate: x509: certificate signed by unknown authority";
        }
        if (message.contains("No subject alternative") || message.contains("No name matching")) {
            return "tls: failed to verify certificate: x509: " + message;
        }
        if (message.contains("bad_certificate")) {
            return "remote error: tls: bad certificate";
        }
        return "tls: " + message;
    }

    private static <T extends Throwable> Optional<T> cause(Throwable failure, Class<T> type) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return Optional.of(type.cast(cause));
            }
        }
        return Optional.empty();
    }
}
