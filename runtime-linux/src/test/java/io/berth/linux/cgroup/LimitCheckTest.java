package io.berth.linux.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The refusals were read off the reference engine 28.5 on a machine with two processors and one memory node. */
class LimitCheckTest {

    private static final CgroupSupport FULL = new CgroupSupport(true, true, true, true, true, true, true, "0-1", "0");
    private static final CgroupSupport NOTHING = new CgroupSupport(false, false, false, false, false, false, false, "", "");

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "1000 | 0 | 0 | Minimum memory limit allowed is 6MB",
        "-5 | 0 | 0 | Minimum memory limit allowed is 6MB",
        "6291456 | 1000000 | 0 | Minimum memoryswap limit should be larger than memory limit, see usage",
        "0 | 10000000 | 0 | You should always set the Memory limit when using Memoryswap limit, see usage",
        "10485760 | 0 | 20485760 | Minimum memory limit can not be less than memory reservation limit, see usage",
        "0 | 0 | 1000 | Minimum memory reservation allowed is 6MB"})
    void memoryThatMakesNoSenseIsRefused(long limit, long withSwap, long reservation, String message) {
        assertEquals(message, refusal(new Limits(new Limits.Memory(limit, withSwap, reservation), Limits.Cpu.NONE, 0)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "0 | 0 | 0 | -1 | range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available",
        "0 | 0 | 0 | 9000000000 | range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available",
        "0 | 100000 | 0 | 1000000000 | Conflicting options: Nano CPUs and CPU Period cannot both be set",
        "0 | 0 | 100000 | 1000000000 | Conflicting options: Nano CPUs and CPU Quota cannot both be set",
        "0 | 10 | 0 | 0 | CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)",
        "0 | 2000000 | 0 | 0 | CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)",
        "0 | 0 | 10 | 0 | CPU cfs quota can not be less than 1ms (i.e. 1000)",
        "-1 | 0 | 0 | 0 | invalid CPU shares (-1): value must be a positive integer"})
    void processorTimeThatMakesNoSenseIsRefused(long shares, long period, long quota, long nano, String message) {
        assertEquals(message, refusal(cpu(new Limits.Cpu(shares, period, quota, nano, "", ""))));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "0-9 | '' | Requested CPUs are not available - requested 0-9, available: 0-1",
        "x | '' | Invalid value x for cpuset cpus: invalid format: x",
        "1-0 | '' | Invalid value 1-0 for cpuset cpus: invalid format: 1-0",
        "'' | 3 | Requested memory nodes are not available - requested 3, available: 0",
        "'' | y | Invalid value y for cpuset mems: invalid format: y"})
    void processorsThatAreNotThereAreRefused(String cpus, String nodes, String message) {
        assertEquals(message, refusal(cpu(new Limits.Cpu(0, 0, 0, 0, cpus, nodes))));
    }

    private static Limits cpu(Limits.Cpu cpu) {
        return new Limits(Limits.Memory.NONE, cpu, 0);
    }

    private static String refusal(Limits limits) {
        return assertThrows(InvalidLimitException.class, () -> LimitCheck.onCreate(limits, FULL)).getMessage();
    }

    @Test
    void aMemoryLimitAloneAllowsAsMuchSwapAgain() {
        LimitCheck.Accepted accepted = LimitCheck.onCreate(new Limits(new Limits.Memory(10 << 20, 0, 0), Limits.Cpu.NONE, 0), FULL);
        assertEquals(20 << 20, accepted.limits().memory().withSwap());
        assertEquals(List.of(), accepted.warnings());
    }

    @Test
    void sharesAreBroughtIntoTheKernelsRange() {
        assertEquals(2, LimitCheck.onCreate(cpu(new Limits.Cpu(1, 0, 0, 0, "", "")), FULL).limits().cpu().shares());
        assertEquals(262_144, LimitCheck.onCreate(cpu(new Limits.Cpu(300_000, 0, 0, 0, "", "")), FULL).limits().cpu().shares());
    }

    @Test
    void processorsInBillionthsBecomeAQuota() {
        Limits.Cpu cpu = new Limits.Cpu(0, 0, 0, 1_500_000_000L, "", "");
        assertEquals(100_000, cpu.effectivePeriod());
        assertEquals(150_000, cpu.effectiveQuota());
    }

    @Test
    void whatTheMachineCannotHoldIsDroppedWithAWarning() {
        LimitCheck.Accepted accepted = LimitCheck.onCreate(new Limits(new Limits.Memory(10 << 20, 0, 0),
                new Limits.Cpu(512, 0, 50_000, 0, "0", ""), 10), NOTHING);
        assertEquals(0, accepted.limits().memory().limit());
        assertEquals(Limits.Cpu.NONE, accepted.limits().cpu());
        assertEquals(0, accepted.limits().pids());
        assertEquals(List.of(
                "Your kernel does not support memory limit capabilities or the cgroup is not mounted. Limitation discarded.",
                "Your kernel does not support PIDs limit capabilities or the cgroup is not mounted. PIDs limit discarded.",
                "Your kernel does not support CPU shares or the cgroup is not mounted. Shares discarded.",
                "Your kernel does not support CPU CFS scheduler. CPU period/quota discarded.",
                "Your kernel does not support cpuset or the cgroup is not mounted. Cpuset discarded."), accepted.warnings());
    }

    @Test
    void anUpdateHoldsWhatWasAskedForAndAddsNothing() {
        Limits asked = new Limits(new Limits.Memory(15 << 20, 0, 0), Limits.Cpu.NONE, 0);
        assertEquals(asked, LimitCheck.onUpdate(asked, FULL).limits());
    }

    @Test
    void missingControllersAreNamedForDockerInfo() {
        assertEquals(List.of(), FULL.warnings());
        assertEquals(List.of("WARNING: No memory limit support", "WARNING: No swap limit support",
                "WARNING: No cpu cfs quota support", "WARNING: No cpu cfs period support", "WARNING: No cpu shares support",
                "WARNING: No cpuset support"), NOTHING.warnings());
    }
}
