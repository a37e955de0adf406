package io.berth.linux.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.kenai.jffi.Library;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is expected of any SHA-256, of OpenSSL's and, to test the tests, of Java's; then what is particular to OpenSSL's. */
class NativeSha256Test {

    private static final List<Integer> SIZES = List.of(0, 1, 55, 56, 63, 64, 65, 511, 512, 513, 16_383, 16_384, 16_385, 32_768, 100_003,
            1_000_000);

    private final long seed = System.nanoTime();

    static Stream<MessageDigest> hashes() {
        return Stream.concat(Stream.of(java()), NativeSha256.create().stream());
    }

    @Test
    void aMachineWithOpenSslUsesIt() {
        Assumptions.assumeTrue(LibCrypto.find().isPresent(), "this machine has no libcrypto of version 3 or 1.1");
        assertTrue(NativeSha256.create().isPresent());
    }

    /** The examples of FIPS 180-2, appendix B. */
    @ParameterizedTest
    @MethodSource("hashes")
    void givesTheHashesOfTheStandard(MessageDigest hash) {
        assertEquals("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", hex(hash.digest(ascii("abc"))));
        assertEquals("248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
                hex(hash.digest(ascii("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))));
        assertEquals("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
                hex(hash.digest(ascii("a".repeat(1_000_000)))));
        assertEquals(32, hash.getDigestLength());
    }

    @ParameterizedTest
    @MethodSource("hashes")
    void givesTheSameHashHoweverTheContentIsCut(MessageDigest hash) {
        Random random = new Random(seed);
        for (int size : SIZES) {
            byte[] content = new byte[size];
            random.nextBytes(content);
            byte[] expected = java().digest(content);
            assertArrayEquals(expected, hash.digest(content), () -> size + " bytes at once, seed " + seed);
            for (int round = 0; round < 5; round++) {
                for (int done = 0; done < size;) {
                    int count = Math.min(size - done, 1 + random.nextInt(round == 0 ? 600 : 40_000));
                    if (count == 1) {
                        hash.update(content[done]);
                    } else {
                        hash.update(content, done, count);
                    }
                    done += count;
                }
                assertArrayEquals(expected, hash.digest(), () -> size + " bytes in pieces, seed " + seed);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("hashes")
    void hashesWhatABufferHoldsFromItsPositionToItsLimit(MessageDigest hash) {
        byte[] content = new byte[50_000];
        new Random(seed).nextBytes(content);
        ByteBuffer outside = ByteBuffer.allocateDirect(content.length).put(content).position(7).limit(49_000);
        hash.update(outside);
        assertArrayEquals(java().digest(Arrays.copyOfRange(content, 7, 49_000)), hash.digest(), () -> "seed " + seed);
    }

    @ParameterizedTest
    @MethodSource("hashes")
    void beginsAnewAfterAReset(MessageDigest hash) {
        hash.update(new byte[40_000]);
        hash.reset();
        assertArrayEquals(java().digest(ascii("abc")), hash.digest(ascii("abc")));
    }

    @Test
    void hashesOfSeveralThreadsDoNotDisturbEachOther() {
        byte[] content = new byte[300_000];
        new Random(seed).nextBytes(content);
        byte[] expected = java().digest(content);
        assertTrue(IntStream.range(0, 200).parallel()
                .allMatch(i -> Arrays.equals(expected, hashes().toList().getLast().digest(content))), () -> "seed " + seed);
    }

    @Test
    void freesWhatAFinishedOrResetHashHeld() {
        Counting library = Counting.open();
        NativeSha256 hash = new NativeSha256(library);
        for (int i = 0; i < 20_000; i++) {
            hash.digest(ascii("content " + i));
        }
        hash.update(new byte[100_000]);
        hash.reset();
        assertEquals(20_001, library.started.get());
        assertEquals(20_001, library.freed.get());
    }

    @Test
    void freesWhatAnAbandonedHashHeld() throws InterruptedException {
        Counting library = Counting.open();
        for (int i = 0; i < 50; i++) {
            new NativeSha256(library).update(new byte[20_000]);
        }
        for (int attempt = 0; attempt < 50 && library.fiftyFreed.getCount() > 0; attempt++) {
            System.gc();
            library.fiftyFreed.await(200, TimeUnit.MILLISECONDS);
        }
        assertEquals(50, library.started.get());
        assertEquals(50, library.freed.get());
    }

    private static MessageDigest java() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static String hex(byte[] hash) {
        return HexFormat.of().formatHex(hash);
    }

    /** The real library, counting the hashes it holds. */
    private static final class Counting extends LibCrypto {

        private final AtomicInteger started = new AtomicInteger();
        private final AtomicInteger freed = new AtomicInteger();
        private final CountDownLatch fiftyFreed = new CountDownLatch(50);

        private Counting(Library library) {
            super(library);
        }

        static Counting open() {
            Optional<Library> library = LibCrypto.find();
            Assumptions.assumeTrue(library.isPresent(), "this machine has no libcrypto of version 3 or 1.1");
            return new Counting(library.get());
        }

        @Override
        long start() {
            started.incrementAndGet();
            return super.start();
        }

        @Override
        void free(long context) {
            freed.incrementAndGet();
            fiftyFreed.countDown();
            super.free(context);
        }
    }
}
