package io.berth.store.registry;

import io.berth.store.registry.RegistryException.Kind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;

/** Makes what Java calls a TLS context. */
final class TlsContexts {

    /** Where distributions keep whom the machine trusts, in the order in which Go looks; Java's own list is for those with neither. */
    private static final List<Path> BUNDLES = Stream.of("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
            "/etc/ssl/ca-bundle.pem", "/etc/pki/tls/cacert.pem", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
            "/etc/ssl/cert.pem").map(Path::of).toList();
    private static final Pattern CERTIFICATE = Pattern.compile("-----BEGIN (?:X509 )?CERTIFICATE-----([^-]*)-----END");
    private static final char[] NO_PASSWORD = new char[0];

    private TlsContexts() {}

    static SSLContext of(Tls tls) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys(tls.clients()), tls.anybody() ? new TrustManager[] {new Anybody()} : trust(tls.authorities()), null);
            return context;
        } catch (GeneralSecurityException | IOException failure) {
            throw new RegistryException(Kind.UNAVAILABLE, "read the certificates for a registry: " + failure.getMessage(), failure);
        }
    }

    private static KeyManager[] keys(List<Tls.Client> clients) throws GeneralSecurityException, IOException {
        if (clients.isEmpty()) {
            return null;
        }
        KeyStore store = emptyStore();
        for (Tls.Client client : clients) {
            Certificate[] chain = certificates(client.certificate()).toArray(Certificate[]::new);
            store.setKeyEntry(client.certificate().toString(), PrivateKeyFile.read(client.key(), chain[0].getPublicKey().getAlgorithm()),
                    NO_PASSWORD, chain);
        }
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, NO_PASSWORD);
        return factory.getKeyManagers();
    }

    private static TrustManager[] trust(List<Path> authorities) throws GeneralSecurityException, IOException {
        List<Certificate> trusted = new ArrayList<>(ofMachine());
        for (Path file : authorities) {
            trusted.addAll(certificates(file));
        }
        KeyStore store = emptyStore();
        for (int i = 0; i < trusted.size(); i++) {
            store.setCertificateEntry(String.valueOf(i), trusted.get(i));
        }
        return managers(store);
    }

    private static List<Certificate> ofMachine() throws GeneralSecurityException, IOException {
        for (Path bundle : BUNDLES) {
            if (Files.isReadable(bundle)) {
                return certificates(bundle);
            }
        }
        return Stream.of(managers(null)).filter(X509TrustManager.class::isInstance)
                .<Certificate>flatMap(manager -> Arrays.stream(((X509TrustManager) manager).getAcceptedIssuers())).toList();
    }

    private static TrustManager[] managers(KeyStore store) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    /** All of a file in PEM, which may hold a key as well. */
    private static List<Certificate> certificates(Path file) throws GeneralSecurityException, IOException {
        List<Certificate> certificates = new ArrayList<>();
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        Matcher blocks = CERTIFICATE.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
        try {
            while (blocks.find()) {
                certificates.add(factory.generateCertificate(new ByteArrayInputStream(Base64.getMimeDecoder().decode(blocks.group(1)))));
            }
        } catch (GeneralSecurityException | IllegalArgumentException malformed) {
            throw new IOException(file + " holds a certificate that cannot be read: " + malformed.getMessage(), malformed);
        }
        if (certificates.isEmpty()) {
            throw new IOException(file + " holds no certificate");
        }
        return certificates;
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, NO_PASSWORD);
        return store;
    }

    /** For insecure registries. That it is an extended one keeps Java from comparing names. */
    private static final class Anybody extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
