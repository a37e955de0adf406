package io.berth.daemon.restart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.berth.api.http.ApiException;
import io.berth.api.wire.container.RestartPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RestartRuleTest {

    @ParameterizedTest
    @CsvSource({
        "no,             0, 1, 0, false, false, false",
        "'',             0, 1, 0, false, false, false",
        "always,         0, 0, 9, false, true,  true",
        "always,         0, 0, 9, true,  false, true",
        "unless-stopped, 0, 0, 9, false, true,  true",
        "unless-stopped, 0, 0, 9, true,  false, false",
        "on-failure,     0, 1, 9, false, true,  true",
        "on-failure,     0, 0, 9, false, false, false",
        "on-failure,     2, 1, 1, false, true,  true",
        "on-failure,     2, 1, 2, false, false, false",
        "on-failure,     0, 1, 0, true,  false, false"
    })
    void aPolicySaysWhenAContainerIsStartedAgain(String name, int retries, int exitCode, int restarts, boolean byHand, boolean afterRun,
            boolean withDaemon) {
        RestartRule rule = RestartRule.of(new RestartPolicy(name, retries));
        assertEquals(afterRun, rule.followsRun(exitCode, new Supervision(restarts, byHand)));
        assertEquals(withDaemon, rule.followsDaemonStart(exitCode, new Supervision(restarts, byHand)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "bogus      |  0 | unknown policy 'bogus'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'",
        "no         |  3 | maximum retry count can only be used with 'on-failure'",
        "always     |  3 | maximum retry count can only be used with 'on-failure'",
        "''         |  3 | maximum retry count can only be used with 'on-failure'",
        "always     | -3 | maximum retry count can only be used with 'on-failure' and cannot be negative",
        "on-failure | -3 | maximum retry count cannot be negative"
    })
    void aPolicyThatMakesNoSenseIsRefusedInTheReferencesWords(String name, int retries, String reason) {
        ApiException refused = assertThrows(ApiException.class, () -> RestartRule.of(new RestartPolicy(name, retries)));
        assertEquals("invalid restart policy: " + reason, refused.getMessage());
        assertEquals(ApiException.Kind.INVALID, refused.kind());
    }

    @Test
    void theWaitDoublesUpToAMinuteAndAGoodRunEndsThat() {
        List<Long> waits = new ArrayList<>();
        BackOff backOff = BackOff.NONE;
        for (int run = 0; run < 12; run++) {
            backOff = backOff.after(Duration.ofMillis(5));
            waits.add(backOff.last().toMillis());
        }
        assertEquals(List.of(100L, 200L, 400L, 800L, 1600L, 3200L, 6400L, 12800L, 25600L, 51200L, 60000L, 60000L), waits);
        assertEquals(Duration.ofMillis(100), backOff.after(Duration.ofSeconds(10)).last());
    }
}
