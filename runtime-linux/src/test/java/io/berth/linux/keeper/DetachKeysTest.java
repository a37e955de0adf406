package io.berth.linux.keeper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.linux.kernel.NativeBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class DetachKeysTest {

    @Test
    void theKeysAreFoundHoweverTheyAreSplit() {
        String typed = "text PPQ dropped";
        for (int first = 0; first <= typed.length(); first++) {
            for (int second = first; second <= typed.length(); second++) {
                DetachKeys keys = keys("PQ");
                String delivered = filter(keys, typed.substring(0, first)) + filter(keys, typed.substring(first, second))
                        + filter(keys, typed.substring(second));
                assertTrue(keys.detached());
                assertEquals("text P", delivered, "split at " + first + " and " + second);
            }
        }
    }

    @Test
    void aBeginningThatFailsIsDeliveredAndMayBeginAgain() {
        String typed = "aababa aabaaX";
        for (int split = 0; split <= typed.length(); split++) {
            DetachKeys keys = keys("aabaaa");
            assertEquals(typed, filter(keys, typed.substring(0, split)) + filter(keys, typed.substring(split)));
            assertFalse(keys.detached());
        }
        DetachKeys keys = keys("aabaaa");
        assertEquals("aab", filter(keys, "aabaabaaa!"));
        assertTrue(keys.detached());
    }

    @Test
    void whatIsHeldBackIsDeliveredAtTheEndOfTheInput() {
        DetachKeys keys = keys("PQ");
        assertEquals("x", filter(keys, "xP"));
        NativeBuffer out = NativeBuffer.allocate(8);
        assertEquals(1, keys.rest(out));
        assertEquals('P', out.bytes().get(0));
    }

    private static DetachKeys keys(String keys) {
        return new DetachKeys(keys.getBytes(StandardCharsets.US_ASCII));
    }

    private static String filter(DetachKeys keys, String typed) {
        NativeBuffer out = NativeBuffer.allocate(typed.length() + keys.mostHeldBack() + 1);
        int length = keys.filter(NativeBuffer.of((typed + "\0").getBytes(StandardCharsets.US_ASCII)), typed.length(), out);
        return new String(out.copy(0, length), StandardCharsets.US_ASCII);
    }
}
