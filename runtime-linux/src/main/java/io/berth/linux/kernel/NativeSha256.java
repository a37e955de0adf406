package io.berth.linux.kernel;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;

/**
 * SHA-256 by OpenSSL's libcrypto. It is as fast as the processor allows under any compiler of the JVM, while Java's own is
 * ten times slower in a JVM without C2. Its memory outside the heap is freed by {@link #digest()} and {@link #reset()}; of
 * a hash that is abandoned, by the garbage collector.
 *
 * <p>The library is loaded with the first use of this class. For one thread at a time.
 */
public final class NativeSha256 extends MessageDigest {

    private static final int HASH_SIZE = 32;
    /** What is hashed is copied here: cheaper than pinning arrays, and reads of a few bytes do not each become a call. */
    private static final int CHUNK_SIZE = 16 * 1024;
    private static final String HASH_OF_NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    private static final Cleaner CLEANER = Cleaner.create();
    private static final Optional<LibCrypto> LIBRARY = load();

    private final LibCrypto library;
    private final NativeBuffer chunk = NativeBuffer.allocate(CHUNK_SIZE);
    private int filled;
    /** Meaningless without {@link #freeing}. */
    private long context;
    private Optional<Cleaner.Cleanable> freeing = Optional.empty();

    NativeSha256(LibCrypto library) {
        super("SHA-256");
        this.library = library;
    }

    /** A fresh hash, when this machine has a libcrypto that can do it. */
    public static Optional<MessageDigest> create() {
        return LIBRARY.map(NativeSha256::new);
    }

    /** A library that is strange in any way is not used: Java's own hash is slow, but there. */
    private static Optional<LibCrypto> load() {
        try {
            Optional<LibCrypto> found = LibCrypto.find().map(LibCrypto::new);
            return found.filter(library -> HexFormat.of().formatHex(new NativeSha256(library).digest()).equals(HASH_OF_NOTHING));
        } catch (UnsatisfiedLinkError | IllegalStateException unusable) {
            return Optional.empty();
        }
    }

    @Override
    protected int engineGetDigestLength() {
        return HASH_SIZE;
    }

    @Override
    protected void engineUpdate(byte input) {
        chunk.bytes().put(filled, input);
        filled++;
        if (filled == CHUNK_SIZE) {
            hashChunk();
        }
    }

    @Override
    protected void engineUpdate(byte[] input, int offset, int length) {
        int done = 0;
        while (done < length) {
            int count = Math.min(length - done, CHUNK_SIZE - filled);
            chunk.bytes().put(filled, input, offset + done, count);
            filled += count;
            done += count;
            if (filled == CHUNK_SIZE) {
                hashChunk();
            }
        }
    }

    @Override
    protected byte[] engineDigest() {
        try {
            hashChunk();
            library.finish(context, chunk);
            return chunk.copy(0, HASH_SIZE);
        } finally {
            engineReset();
        }
    }

    @Override
    protected void engineReset() {
        filled = 0;
        freeing.ifPresent(Cleaner.Cleanable::clean);
        freeing = Optional.empty();
    }

    private void hashChunk() {
        if (freeing.isEmpty()) {
            context = library.start();
            freeing = Optional.of(CLEANER.register(this, new Freeing(library, context)));
        }
        try {
            library.update(context, chunk, filled);
            filled = 0;
        } finally {
            // Not to be taken for abandoned while the library works with the context.
            Reference.reachabilityFence(this);
        }
    }

    /** Knows nothing of the hash itself, which could not be collected otherwise. */
    private record Freeing(LibCrypto library, long context) implements Runnable {

        @Override
        public void run() {
            library.free(context);
        }
    }
}
