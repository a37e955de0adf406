package io.berth.daemon.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.berth.api.http.ApiException;
import io.berth.api.wire.container.LogConfig;
import io.berth.daemon.spec.ContainerSpec;
import io.berth.daemon.spec.LogDriver;
import io.berth.daemon.spec.Signals;
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
    @ValueSource(strings = {"", "0", "FOO", "SIG", "RTMIN+16", "9.0", "SIGSIGKILL", "99999999999999999999"})
    void whatIsNoSignalIsRefused(String text) {
        assertEquals("invalid signal: " + text, assertThrows(ApiException.class, () -> Signals.parse(text)).getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"65", "-1", "99999999999"})
    void aNumberThatIsNoSignalIsRefused(String text) {
        assertEquals("the linux daemon does not support signal " + text, assertThrows(ApiException.class, () -> Signals.parse(text)).getMessage());
    }

    @ParameterizedTest
    @CsvSource({"100, 100", "1k, 1024", "10m, 10485760", "1G, 1073741824", "2t, 2199023255552", "5b, 5", "512kb, 524288", "1KiB, 1024"})
    void theSizeOfALogHasAUnitAndMeansOneFile(String text, long bytes) {
        assertEquals(new ContainerSpec.LogLimits(LogDriver.JSON_FILE, bytes, 1), LogDriver.JSON_FILE.limits(Map.of("max-size", text)));
        assertEquals(new ContainerSpec.LogLimits(LogDriver.LOCAL, bytes, 5), LogDriver.LOCAL.limits(Map.of("max-size", text)));
    }

    @Test
    void aLogWithoutALimitHasTheEnginesAndItsOwnerMayWantNone() {
        assertEquals(new ContainerSpec.LogLimits(LogDriver.JSON_FILE, LogOptions.DEFAULT_SEGMENT_BYTES, LogOptions.DEFAULT_SEGMENTS),
                LogDriver.JSON_FILE.limits(Map.of()));
        assertEquals(new ContainerSpec.LogLimits(LogDriver.JSON_FILE, Long.MAX_VALUE, LogOptions.DEFAULT_SEGMENTS),
                LogDriver.JSON_FILE.limits(Map.of("max-size", "-1")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "json-file | max-size | b | failed to initialize logging driver: invalid size: 'b'",
        "json-file | max-size | 9999999t | failed to initialize logging driver: invalid size: '9999999t'",
        "json-file | max-size | -5m | failed to initialize logging driver: invalid size: '-5m'",
        "json-file | max-size | 0 | failed to initialize logging driver: max-size must be a positive number",
        "json-file | max-file | 0 | failed to initialize logging driver: max-file cannot be less than 1",
        "local | max-file | x | failed to initialize logging driver: strconv.Atoi: parsing \"x\": invalid syntax",
        "json-file | foo | 1 | unknown log opt 'foo' for json-file log driver",
        "local | labels | a | unknown log opt 'labels' for log driver local",
        "none | max-size | 1 | unknown log opt 'max-size' for log driver none",
        "json-file | mode | x | logger: logging mode not supported: x",
        "json-file | mode | non-blocking | the log option \"mode=non-blocking\" is not supported by this version of berth",
        "json-file | compress | true | the log option \"compress\" is not supported by this version of berth",
        "json-file | max-buffer-size | 1m | logger: max-buffer-size option is only supported with 'mode=non-blocking'",
        "syslog | tag | x | LogConfig.Type \"syslog\" is not supported by this version of berth",
        "foo | tag | x | error looking up logging plugin foo: plugin \"foo\" not found"})
    void logOptionsThatMakeNoSenseAreRefusedInTheReferencesWords(String driver, String option, String value, String message) {
        assertEquals(message, assertThrows(ApiException.class, () -> LogDriver.resolve(new LogConfig(driver, Map.of(option, value)),
                new LogConfig("json-file", Map.of()))).getMessage());
    }

    @Test
    void theEnginesOptionsAreForContainersWithTheEnginesDriver() {
        LogConfig engine = new LogConfig("json-file", Map.of("max-size", "1m", "max-file", "2"));
        assertEquals(new LogConfig("json-file", Map.of("max-size", "5m", "max-file", "2")),
                LogDriver.resolve(new LogConfig("", Map.of("max-size", "5m")), engine));
        assertEquals(new LogConfig("local", Map.of()), LogDriver.resolve(new LogConfig("local", Map.of()), engine));
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
