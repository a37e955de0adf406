package io.berth.daemon.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.berth.linux.file.RootedDirectory;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.JnrKernel;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.launch.ProcessSpec.Credentials;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContainerUserTest {

    private final Kernel kernel = new JnrKernel();
    @TempDir
    Path root;

    @BeforeEach
    void makeFiles() throws IOException {
        Files.createDirectory(root.resolve("etc"));
        write("passwd", """
                # a comment
                root:x:0:0:root:/root:/bin/sh
                1000:x:0:0::/evil:/bin/sh
                ann:x:1001:1002::/home/ann:/bin/sh
                bob:x:1003:1003:::/bin/sh
                short:x:7
                bad:x:-1:x::/:/bin/sh
                huge:x:4294967294:0::/:/bin/sh
                ann:x:0:0::/second:/bin/sh
                """);
        write("group", "root:x:0:\nwheel:x:10:root,ann\nstaff:x:50:bob,ann\n77:x:0:\nempty:x:51:\n");
    }

    /** Asked of the reference engine with the same files. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "''        | ''         | 0    | 0    | 0,10       | /root",
        "root      | ''         | 0    | 0    | 0,10       | /root",
        "ann       | ''         | 1001 | 1002 | 10,50,1002 | /home/ann",
        "1001      | ''         | 1001 | 1002 | 10,50,1002 | /home/ann",
        "01001     | ''         | 1001 | 1002 | 10,50,1002 | /home/ann",
        "ann:staff | ''         | 1001 | 50   | 50         | /home/ann",
        "ann:      | ''         | 1001 | 1002 | 10,50,1002 | /home/ann",
        ":staff    | ''         | 0    | 50   | 50         | /root",
        "1001:77   | ''         | 1001 | 77   | 77         | /home/ann",
        "1000      | ''         | 1000 | 0    | 0          | /",
        "4711:4712 | ''         | 4711 | 4712 | 4712       | /",
        "bob       | ''         | 1003 | 1003 | 50,1003    | /",
        "1001      | 77 empty   | 1001 | 1002 | 10,50,51,77,1002 | /home/ann",
    })
    void aUserIsANameOrANumberWithPerhapsAGroup(String user, String more, int uid, int gid, String groups, String home) {
        List<Integer> supplementary = List.of(groups.split(",")).stream().map(Integer::valueOf).toList();
        assertEquals(new ContainerUser(new Credentials(uid, gid, supplementary), home), find(user, more.isEmpty() ? List.of() : List.of(more.split(" "))));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "nosuch     | ''     | unable to find user nosuch: no matching entries in passwd file",
        "bad        | ''     | unable to find user bad: no matching entries in passwd file",
        "ann:nosuch | ''     | unable to find group nosuch: no matching entries in group file",
        "ann        | nosuch | unable to find group nosuch: no matching entries in group file",
        "4294967294 | ''     | uids and gids must be in range 0-2147483647",
        "huge       | ''     | uids and gids must be in range 0-2147483647",
        "-1         | ''     | uids and gids must be in range 0-2147483647",
        "99999999999999999999 | '' | uids and gids must be in range 0-2147483647",
        "ann        | -5     | uids and gids must be in range 0-2147483647",
        "1:4294967294 | ''   | uids and gids must be in range 0-2147483647",
    })
    void whoIsNotThereIsToldInTheWordsOfTheReference(String user, String more, String message) {
        assertEquals(message, assertThrows(UnknownUserException.class, () -> find(user, more.isEmpty() ? List.of() : List.of(more))).getMessage());
    }

    @Test
    void anImageWithoutFilesHasNumbersOnly() throws IOException {
        Files.delete(root.resolve("etc/passwd"));
        Files.delete(root.resolve("etc/group"));
        assertEquals(new ContainerUser(new Credentials(0, 0, List.of(0)), "/"), find("", List.of()));
        assertEquals(new ContainerUser(new Credentials(5, 6, List.of(6, 7)), "/"), find("5:6", List.of("7")));
        assertThrows(UnknownUserException.class, () -> find("root", List.of()));
    }

    @Test
    void linksStayInsideTheImage() throws IOException {
        Files.delete(root.resolve("etc/passwd"));
        Files.createDirectory(root.resolve("usr"));
        Files.writeString(root.resolve("usr/passwd"), "me:x:8:9::/me:/bin/sh\n");
        Files.createSymbolicLink(root.resolve("etc/passwd"), Path.of("/usr/passwd"));
        assertEquals(8, find("me", List.of()).credentials().uid());
        Files.delete(root.resolve("etc/passwd"));
        Files.createSymbolicLink(root.resolve("etc/passwd"), Path.of("../../../../../../etc/passwd"));
        assertThrows(RuntimeException.class, () -> find("daemon", List.of()), "a link to itself, not to the host's file");
    }

    @Test
    @Timeout(value = 10, unit = TimeUnit.SECONDS)
    void whatIsNoRegularFileIsNotOpened() throws Exception {
        Files.delete(root.resolve("etc/passwd"));
        assertEquals(0, new ProcessBuilder("mkfifo", root.resolve("etc/passwd").toString()).start().waitFor());
        assertEquals(new Credentials(3, 0, List.of(0)), find("3", List.of()).credentials());
        Files.delete(root.resolve("etc/passwd"));
        assertEquals(0, new ProcessBuilder("mknod", root.resolve("etc/passwd").toString(), "c", "1", "5").start().waitFor());
        assertEquals(new Credentials(3, 0, List.of(0)), find("3", List.of()).credentials());
    }

    private void write(String name, String content) throws IOException {
        Files.writeString(root.resolve("etc").resolve(name), content);
    }

    private ContainerUser find(String user, List<String> more) {
        try (RootedDirectory directory = RootedDirectory.container(kernel, new FileCalls(kernel).open(root.toString(), FileCalls.O_PATH, 0))) {
            return ContainerUser.find(kernel, directory, user, more);
        }
    }
}
