package io.berth.store.registry;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a key as openssl writes it. Java reads PKCS #8 ({@code PRIVATE KEY}) alone: the older forms of RSA (RFC 8017, A.1.2) and
 * EC keys (RFC 5915) are put into it (RFC 5208).
 */
final class PrivateKeyFile {

    private static final Pattern PEM = Pattern.compile("-----BEGIN (?<kind>[A-Z ]*)PRIVATE KEY-----(?<body>[^-]*)-----END");
    private static final byte[] VERSION_0 = HexFormat.of().parseHex("020100");
    private static final byte[] RSA = HexFormat.of().parseHex("300d06092a864886f70d0101010500");
    private static final byte[] EC = HexFormat.of().parseHex("06072a8648ce3d0201");
    private static final int SEQUENCE = 0x30;
    private static final int OCTET_STRING = 0x04;
    private static final int EC_PARAMETERS = 0xa0;

    private PrivateKeyFile() {}

    /** @param algorithm of the certificate's key: RSA, EC, EdDSA */
    static PrivateKey read(Path file, String algorithm) throws IOException, GeneralSecurityException {
        Matcher pem = PEM.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
        if (!pem.find()) {
            throw new IOException(file + " holds no private key");
        }
        String kind = pem.group("kind").strip();
        if (kind.equals("ENCRYPTED") || pem.group("body").contains("ENCRYPTED")) {
            throw new IOException(file + " is encrypted; a daemon cannot ask for its password");
        }
        byte[] key = Base64.getMimeDecoder().decode(pem.group("body"));
        byte[] wrapped = switch (kind) {
            case "" -> key;
            case "RSA" -> sequence(VERSION_0, RSA, element(OCTET_STRING, key));
            case "EC" -> sequence(VERSION_0, sequence(EC, curve(key).orElseThrow(() -> new IOException(file + " names no curve"))),
                    element(OCTET_STRING, key));
            default -> throw new IOException(file + " holds a key of an unknown kind: " + kind);
        };
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(wrapped));
    }

    /** The members of an EC key are its version, the number, and [0] the curve. */
    private static Optional<byte[]> curve(byte[] key) {
        int at = key[1] < 0 ? 2 + (key[1] & 0x7f) : 2;
        while (at + 1 < key.length) {
            int length = key[at + 1];
            if ((key[at] & 0xff) == EC_PARAMETERS) {
                return Optional.of(java.util.Arrays.copyOfRange(key, at + 2, at + 2 + length));
            }
            at += 2 + length;
        }
        return Optional.empty();
    }

    private static byte[] sequence(byte[]... members) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] member : members) {
            content.writeBytes(member);
        }
        return element(SEQUENCE, content.toByteArray());
    }

    private static byte[] element(int tag, byte[] content) {
        ByteArrayOutputStream element = new ByteArrayOutputStream();
        element.write(tag);
        if (content.length < 0x80) {
            element.write(content.length);
        } else {
            element.write(0x82);
            element.write(content.length >> 8);
            element.write(content.length);
        }
        element.writeBytes(content);
        return element.toByteArray();
    }
}
