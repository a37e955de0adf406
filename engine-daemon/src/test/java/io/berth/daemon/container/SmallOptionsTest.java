package io.berth.daemon.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.berth.api.http.ApiException;
import io.berth.linux.keeper.log.LogOptions;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The small languages of single options: signals, sizes of logs, detach keys; and durations in words. */
class SmallOptionsTest {

    @ParameterizedTest
    @CsvSource({"9, 9", "64, 64", "KILL, 9", "SIGKILL, 9", "sigterm, 15", "hup, 1", "SIGIOT, 6", "POLL, 29", "RTMIN, 34", "SIGRTMIN+3, 37",
        "rtmax-1, 63", "SIGRTMAX, 64"})
    void aSignalIsANumberOrAName(String text, int number) {
        assertEquals(number, Signals.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "65", "-1", "FOO", "SIG", "RTMIN+16", "9.0", "SIGSIGKILL", "99999999999"})
    void whatIsNoSignalIsRefused(String text) {
        assertEquals("invalid signal: " + text, assertThrows(ApiException.class, () -> Signals.parse(text)).getMessage());
    }

    @ParameterizedTest
    @CsvSource({"100, 100", "1k, 1024", "10m, 10485760", "1G, 1073741824", "2t, 2199023255552", "5b, 5", "512kb, 524288", "1KiB, 1024"})
    void theSizeOfALogHasAUnit(String text, long bytes) {
        assertEquals(new ContainerSpec.LogLimits(bytes, LogOptions.DEFAULT_SEGMENTS), LogSizes.limits(Map.of("max-size", text)));
    }

    @Test
    void aLogWithoutALimitHasTheEngines() {
        ContainerSpec.LogLimits defaults = new ContainerSpec.LogLimits(LogOptions.DEFAULT_SEGMENT_BYTES, LogOptions.DEFAULT_SEGMENTS);
        assertEquals(defaults, LogSizes.limits(Map.of()));
        assertEquals(defaults, LogSizes.limits(Map.of("max-size", "-1")));
    }

    @ParameterizedTest
    @CsvSource({"max-size, ''", "max-size, b", "max-size, x", "max-size, 0", "max-size, -5m", "max-size, 9999999t", "max-size, 9223372036854775807k",
        "max-file, 0", "max-file, x"})
    void whatIsNoSizeIsRefused(String option, String text) {
        assertThrows(NumberFormatException.class, () -> LogSizes.limits(Map.of(option, text)));
    }

    @ParameterizedTest
    @CsvSource({"0, Less than a second", "1, 1 second", "59, 59 seconds", "60, About a minute", "119, About a minute", "120, 2 minutes",
        "3599, 59 minutes", "3600, About an hour", "5399, About an hour", "5400, 2 hours", "169199, 47 hours", "171000, 2 days",
        "1209599, 2 weeks", "1207000, 13 days", "5183999, 2 months", "5180000, 8 weeks", "63072000, 2 years", "31536000, 12 months"})
    void durationsReadAsThoseOfTheReferenceEngine(long seconds, String words) {
        assertEquals(words, HumanTime.of(Duration.ofSeconds(seconds)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"'' | 16 17", "ctrl-p,ctrl-q | 16 17", "a | 97", "ctrl-a,x | 1 120", "ctrl-@ | 0", "ctrl-[ | 27",
        "ctrl-_ | 31"})
    void detachKeysAreLettersAndControls(String text, String bytes) {
        StringBuilder seen = new StringBuilder();
        for (byte key : ContainerAttach.detachKeys(Optional.of(text))) {
            seen.append(seen.isEmpty() ? "" : " ").append(key);
        }
        assertEquals(bytes, seen.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"ab", "ctrl-", "ctrl-1", "a,", "é"})
    void whatIsNoKeyIsRefused(String text) {
        assertThrows(ApiException.class, () -> ContainerAttach.detachKeys(Optional.of(text)));
    }
}
