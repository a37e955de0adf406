package io.berth.store.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

class ParallelGzipTest {

    private static byte[] compressed(byte[] content, Executor threads, int piece) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ParallelGzip gzip = new ParallelGzip(out, threads, 3)) {
            for (int at = 0; at < content.length; at += piece) {
                gzip.write(content, at, Math.min(piece, content.length - at));
            }
        }
        return out.toByteArray();
    }

    private static byte[] text(int length) {
        byte[] content = new byte[length];
        Random random = new Random(1);
        for (int i = 0; i < length; i++) {
            content[i] = (byte) ("etaoin \n".charAt(random.nextInt(8)));
        }
        return content;
    }

    @Test
    void whatIsCompressedIsReadBackByAnybody() throws IOException {
        for (int length : new int[] {0, 1, ParallelGzip.BLOCK - 1, ParallelGzip.BLOCK, ParallelGzip.BLOCK + 1, 20 * ParallelGzip.BLOCK + 77}) {
            byte[] content = text(length);
            byte[] gzip = compressed(content, Runnable::run, 100_000);
            assertArrayEquals(content, new GZIPInputStream(new ByteArrayInputStream(gzip)).readAllBytes(), length + " bytes");
        }
    }

    @Test
    void whatCannotBeCompressedFitsToo() throws IOException {
        byte[] noise = new byte[5 * ParallelGzip.BLOCK];
        new Random(2).nextBytes(noise);
        byte[] gzip = compressed(noise, Runnable::run, noise.length);
        assertTrue(gzip.length < noise.length + noise.length / 1000, gzip.length + " bytes");
        assertArrayEquals(noise, new GZIPInputStream(new ByteArrayInputStream(gzip)).readAllBytes());
    }

    @Test
    void theBytesDependNeitherOnTheThreadsNorOnThePieces() throws IOException {
        byte[] content = text(30 * ParallelGzip.BLOCK + 5);
        try (ExecutorService threads = Executors.newFixedThreadPool(7)) {
            assertArrayEquals(compressed(content, Runnable::run, content.length), compressed(content, threads, 4321));
        }
    }

    @Test
    void blocksKnowWhatIsBeforeThem() throws IOException {
        byte[] noise = new byte[20_000];
        new Random(3).nextBytes(noise);
        byte[] content = new byte[4 * ParallelGzip.BLOCK];
        for (int at = 0; at < content.length; at++) {
            content[at] = noise[at % noise.length];
        }
        byte[] gzip = compressed(content, Runnable::run, content.length);
        assertTrue(gzip.length < 2 * noise.length, "every block was compressed anew: " + gzip.length + " bytes");
    }

    @Test
    void aDiskThatIsFullEndsItAndItCanBeClosed() throws IOException {
        OutputStream full = new OutputStream() {
            private int written;

            @Override
            public void write(int b) throws IOException {
                write(new byte[1], 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                written += length;
                if (written > ParallelGzip.BLOCK) {
                    throw new IOException("no space left on device");
                }
            }
        };
        byte[] noise = new byte[12 * ParallelGzip.BLOCK];
        new Random(4).nextBytes(noise);
        ParallelGzip gzip = new ParallelGzip(full, Runnable::run, 3);
        IOException failure = assertThrows(IOException.class, () -> gzip.write(noise));
        assertEquals("no space left on device", failure.getMessage());
        gzip.close();
    }
}
