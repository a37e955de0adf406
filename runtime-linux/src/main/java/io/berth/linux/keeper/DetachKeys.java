package io.berth.linux.keeper;

import io.berth.linux.kernel.NativeBuffer;
import java.nio.ByteBuffer;

/**
 * Finds the keys that detach a client in what it types, also when they come in several reads. Bytes that may be the
 * beginning of the sequence are held back until the next byte tells.
 */
final class DetachKeys {

    private final byte[] keys;
    /** The length of the longest proper beginning of the keys that is also an end of their first n + 1 bytes. */
    private final int[] fallback;
    private int matched;
    private boolean detached;

    DetachKeys(byte[] keys) {
        this.keys = keys;
        fallback = new int[keys.length];
        for (int i = 1, length = 0; i < keys.length; i++) {
            while (length > 0 && keys[i] != keys[length]) {
                length = fallback[length - 1];
            }
            length += keys[i] == keys[length] ? 1 : 0;
            fallback[i] = length;
        }
    }

    /** How much larger than its input an output can be. */
    int mostHeldBack() {
        return Math.max(0, keys.length - 1);
    }

    boolean detached() {
        return detached;
    }

    /**
     * Copies what the process is to get from {@code in} to {@code out}; what follows the keys is dropped.
     *
     * @return how many bytes that is
     */
    int filter(NativeBuffer in, int length, NativeBuffer out) {
        ByteBuffer from = in.bytes();
        ByteBuffer to = out.bytes();
        int count = 0;
        for (int i = 0; i < length && !detached; i++) {
            byte typed = from.get(i);
            while (matched > 0 && typed != keys[matched]) {
                int shorter = fallback[matched - 1];
                to.put(count, keys, 0, matched - shorter);
                count += matched - shorter;
                matched = shorter;
            }
            if (keys.length > 0 && typed == keys[matched]) {
                detached = ++matched == keys.length;
            } else {
                to.put(count++, typed);
            }
        }
        return count;
    }

    /** Copies what is held back: nothing more is typed. */
    int rest(NativeBuffer out) {
        int count = detached ? 0 : matched;
        out.bytes().put(0, keys, 0, count);
        matched = 0;
        return count;
    }
}
