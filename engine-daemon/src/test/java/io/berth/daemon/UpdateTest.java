package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Limits and policies of containers that are there already. */
class UpdateTest extends ContainerTest {

    private static final String MEMORY = "cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.max";
    private static final String PIDS = "cat /sys/fs/cgroup/pids/pids.max 2>/dev/null || cat /sys/fs/cgroup/pids.max";
    private static final String QUOTA = "cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us 2>/dev/null || (read quota period < /sys/fs/cgroup/cpu.max; echo $quota)";
    private static final String SHOWN = ".HostConfig.Memory}} {{.HostConfig.MemorySwap}} {{.HostConfig.CpuShares}} {{.HostConfig.CpuQuota}} "
            + "{{.HostConfig.CpusetCpus}} {{.HostConfig.PidsLimit";

    @Test
    void aRunningContainerGetsItsNewLimitsAtOnce() {
        Instant since = Instant.now();
        // Prints its limits, as it sees them, whenever it is told to.
        String id = runDetached("-m", "64m", "--pids-limit", "30", IMAGE, "sh", "-c", "trap 'echo $(" + MEMORY + ") $(" + PIDS + ") $(" + QUOTA
                + ")' USR1; echo ready; while :; do sleep 0.05; done");
        awaitLog(id, "ready");
        assertEquals(id, docker("update", "-m", "100m", "--cpu-quota", "50000", "--cpu-shares", "512", "--cpuset-cpus", "0", id).succeeded().strip());
        assertEquals("104857600 134217728 512 50000 0 30", inspect(id, SHOWN));
        docker("kill", "-s", "USR1", id).succeeded();
        awaitLog(id, "104857600 30 50000");
        docker("update", "--pids-limit", "40", id).succeeded();
        docker("kill", "-s", "USR1", id).succeeded();
        awaitLog(id, "104857600 40 50000");
        docker("restart", "-t", "0", id).succeeded();
        Await.until("the second run", PATIENCE, () -> docker("logs", id).out().endsWith("ready\n"), () -> docker("logs", id).out());
        docker("kill", "-s", "USR1", id).succeeded();
        Await.until("the limits after a restart", PATIENCE, () -> docker("logs", id).out().endsWith("ready\n104857600 40 50000\n"), () -> docker("logs", id).out());
        assertEquals("2", Long.toString(docker("events", "--since", since.toString(), "--until", Instant.now().toString(), "--filter", "container=" + id,
                "--filter", "event=update", "--format", "{{.Action}}").succeeded().lines().count()));
    }

    @Test
    void anUpdateThatChangesNothingChangesNothing() {
        String id = docker(marked("create", "-m", "64m", "--pids-limit", "30", IMAGE, "true")).succeeded().strip();
        String before = inspect(id, "json .HostConfig");
        assertEquals("{\"Warnings\":null}", update(id, "{}").text().strip());
        assertEquals(before, inspect(id, "json .HostConfig"));
        assertEquals(404, update("berth-test-none", "{}").status());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{'Memory':1000}                                          | 400 Minimum memory limit allowed is 6MB",
        "{'Memory':1073741824}                                    | 409 Cannot update container ID: Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time",
        "{'CpuPeriod':100000}                                     | 409 Cannot update container ID: Conflicting options: CPU Period cannot be updated as NanoCPUs has already been set",
        "{'CpuQuota':50000}                                       | 409 Cannot update container ID: Conflicting options: CPU Quota cannot be updated as NanoCPUs has already been set",
        "{'CpusetCpus':'4095'}                                    | 400 Requested CPUs are not available - requested 4095, available: CPUS",
        "{'RestartPolicy':{'Name':'bogus'}}                       | 400 invalid restart policy: unknown policy 'bogus'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'",
        "{'RestartPolicy':{'Name':'always'}}                      | 409 Cannot update container ID: Restart policy cannot be updated because AutoRemove is enabled for the container"
    })
    void whatCannotBeMeantIsRefusedInTheReferencesWords(String body, String refusal) {
        String id = docker(marked("create", "--rm", "-m", "64m", "--cpus", "1", IMAGE, "true")).succeeded().strip();
        String before = inspect(id, "json .HostConfig");
        RawHttp.Answer answer = update(id, body.replace('\'', '"'));
        String said = answer.status() + " " + message(answer).replace(id, "ID").replaceAll("available: [-,0-9]+", "available: CPUS");
        assertEquals(refusal, said);
        assertEquals(before, inspect(id, "json .HostConfig"));
        docker("rm", id).succeeded();
    }

    @Test
    void theRestartPolicyOfARunningContainerIsChanged() {
        String id = runDetached(IMAGE, "sh", "-c", "trap 'exit 1' USR1; echo ready; while :; do sleep 0.05; done");
        awaitLog(id, "ready");
        docker("update", "--restart", "on-failure:3", id).succeeded();
        assertEquals("on-failure 3", inspect(id, ".HostConfig.RestartPolicy.Name}} {{.HostConfig.RestartPolicy.MaximumRetryCount"));
        if (!engine.isReference()) {
            // The reference takes the signal for the wish that the container end.
            docker("kill", "-s", "USR1", id).succeeded();
            Await.until("a restart", PATIENCE, () -> inspect(id, ".RestartCount}} {{.State.Status").equals("1 running"), () -> inspect(id, "json .State"));
        }
        docker("update", "--restart", "no", id).succeeded();
        awaitLog(id, "ready");
    }

    @Test
    void aLimitTheKernelRefusesIsNowhereChanged() {
        engine.requireBerth("the reference says the same in runc's words");
        org.junit.jupiter.api.Assumptions.assumeTrue(java.nio.file.Files.exists(java.nio.file.Path.of("/sys/fs/cgroup/memory/memory.limit_in_bytes")),
                "cgroup v2 kills instead of refusing");
        String id = runDetached("-m", "64m", "--memory-swap", "64m", "--tmpfs", "/t", IMAGE, "sh", "-c",
                "dd if=/dev/zero of=/t/x bs=1048576 count=40 2>/dev/null; echo full; sleep 1000");
        awaitLog(id, "full");
        Commands.Result refused = docker("update", "-m", "16m", "--memory-swap", "16m", "--pids-limit", "7", id);
        assertFails(1, "cannot limit the memory to 16777216 bytes: ", refused);
        assertEquals("67108864 67108864 <nil>", inspect(id, ".HostConfig.Memory}} {{.HostConfig.MemorySwap}} {{.HostConfig.PidsLimit"));
        assertTrue(refused.err().contains("Cannot update container " + id), refused.err());
    }

    private static RawHttp.Answer update(String id, String body) {
        return engine.request("POST", "/v1.51/containers/" + id + "/update", body);
    }
}
