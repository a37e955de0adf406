package io.berth.store.content;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.security.MessageDigest;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DigestTest {

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4096, 65_535, 65_536, 65_537, 3_000_000})
    void contentOfAnySizeHasTheDigestJavaGivesIt(int size) throws Exception {
        byte[] content = new byte[size];
        new Random(size).nextBytes(content);
        Digest expected = Digest.ofHash(MessageDigest.getInstance("SHA-256").digest(content));
        assertEquals(expected, Digest.of(content));
        assertEquals(expected, Digest.ofHash(Digest.sha256().digest(content)));
    }

    @Test
    void readsWhatItWrites() {
        Digest digest = Digest.of(new byte[] {1, 2, 3});
        assertEquals(digest, Digest.parse(digest.toString()));
    }

    @Test
    void refusesOtherAlgorithmsAndBrokenDigits() {
        assertThrows(StoreException.class, () -> Digest.parse("sha512:" + "0".repeat(128)));
        assertThrows(StoreException.class, () -> Digest.parse("sha256:" + "0".repeat(63)));
        assertThrows(StoreException.class, () -> new Digest("G".repeat(64)));
    }
}
