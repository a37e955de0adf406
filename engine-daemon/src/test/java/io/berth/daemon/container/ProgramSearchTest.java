package io.berth.daemon.container;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.berth.linux.kernel.Errno;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProgramSearchTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "sh | PATH=/a:/b | /a/sh /b/sh",
        "sh | PATH=/a::/b | /a/sh ./sh /b/sh",
        "sh | PATH=/a PATH=/b | /b/sh",
        "./sh | PATH=/a | ./sh",
        "/bin/sh | PATH=/a | /bin/sh",
        "sh | A=1 | /usr/local/sbin/sh /usr/local/bin/sh /usr/sbin/sh /usr/bin/sh /sbin/sh /bin/sh",
    })
    void aProgramIsSoughtAsAShellWould(String program, String environment, String candidates) {
        assertEquals(candidates, String.join(" ", ProgramSearch.candidates(program, List.of(environment.split(" "))).stream()
                .map(path -> new String(path, StandardCharsets.UTF_8)).toList()));
    }

    /** The exit codes are those of docker run, and clients look for the words. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "sh   | ENOENT ENOENT  | 127 | exec: \"sh\": executable file not found in $PATH",
        "sh   | ENOENT ENOTDIR | 127 | exec: \"sh\": executable file not found in $PATH",
        "sh   | EACCES ENOENT  | 127 | exec: \"sh\": executable file not found in $PATH",
        "/sh  | ENOENT         | 127 | exec: \"/sh\": stat /sh: no such file or directory (it, or its interpreter or loader)",
        "/a/sh | ENOTDIR       | 127 | exec: \"/a/sh\": stat /a/sh: no such file or directory",
        "/sh  | EACCES         | 126 | exec: \"/sh\": permission denied",
        "/sh  | ENOEXEC        | 126 | exec /sh: exec format error",
        "sh   | ENOENT ENOEXEC | 126 | exec sh: exec format error",
        "sh   | ENOEXEC ENOENT | 126 | exec sh: exec format error",
    })
    void aFailureSaysWhatTheReferenceEngineWould(String program, String errors, int exitCode, String message) {
        StartFailure failure = ProgramSearch.failure(program, Arrays.stream(errors.split(" ")).map(Errno::valueOf).toList());
        assertEquals(exitCode, failure.exitCode());
        assertEquals("failed to create task for container: failed to start the first process: " + message, failure.getMessage());
    }
}
