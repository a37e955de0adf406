package io.berth.linux.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KernelReleaseTest {

    @ParameterizedTest
    @CsvSource({"6.1.0-18-amd64, false", "6.8, true", "6.18.44-fc, true", "5.15.0-91-generic, false", "7.0.0-rc1, true", "10.2.1, true"})
    void versionsAreComparedAsNumbers(String text, boolean atLeast) {
        assertEquals(atLeast, KernelRelease.parse(text + "\n").isAtLeast(6, 8));
    }

    @Test
    void whatIsNoVersionIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> KernelRelease.parse("linux"));
    }
}
