package io.berth.daemon.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostsFileTest {

    private static final String BEGINNING = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost\n9.9.9.9\tdb\n";

    @TempDir
    Path directory;
    private Path file;

    @BeforeEach
    void name() {
        file = directory.resolve("hosts");
    }

    @Test
    void theLineOfALinkGetsAnotherAddressAndEverythingElseStaysInTheSameFile() throws IOException {
        byte[] rest = {'\n', (byte) 0xff, 0, '\n', 'x'};
        Files.write(file, join((BEGINNING + "172.17.0.2\tdb host target\n172.17.0.3\tdb2 h t\n172.17.0.4\tbox\n").getBytes(StandardCharsets.UTF_8), rest));
        Object inode = Files.getAttribute(file, "unix:ino");
        HostsFile.readdress(file, Map.of("db", Optional.of("172.17.0.123"), "localhost", Optional.of("172.17.0.9")));
        assertEquals(new String(join((BEGINNING + "172.17.0.123\tdb host target\n172.17.0.3\tdb2 h t\n172.17.0.4\tbox\n").getBytes(StandardCharsets.UTF_8),
                rest), StandardCharsets.ISO_8859_1), Files.readString(file, StandardCharsets.ISO_8859_1));
        assertEquals(inode, Files.getAttribute(file, "unix:ino"));
    }

    @Test
    void aLinkThatIsTakenAwayLeavesNoLine() throws IOException {
        Files.writeString(file, BEGINNING + "172.17.0.2\täö host\n172.17.0.4\tbox\n");
        HostsFile.readdress(file, Map.of("äö", Optional.empty()));
        assertEquals(BEGINNING + "172.17.0.4\tbox\n", Files.readString(file));
    }

    @Test
    void linesComeAndGoWithTheNetworksOfAContainer() throws IOException {
        Files.writeString(file, BEGINNING + "10.0.0.2\tbox\nfd00::2\tbox\n10.0.0.2\tmine\nunfinished");
        Object inode = Files.getAttribute(file, "unix:ino");
        HostsFile.replace(file, List.of("10.0.0.2\tbox", "10.9.9.9\tnot there"), List.of("10.1.0.2\tböx"));
        assertEquals(BEGINNING + "fd00::2\tbox\n10.0.0.2\tmine\nunfinished\n10.1.0.2\tböx\n", Files.readString(file));
        HostsFile.replace(file, List.of("10.1.0.2\tböx", "fd00::2\tbox"), List.of());
        assertEquals(BEGINNING + "10.0.0.2\tmine\nunfinished\n", Files.readString(file));
        assertEquals(inode, Files.getAttribute(file, "unix:ino"));
    }

    @Test
    void aFileThatAContainerHasFilledIsLeftAlone() throws IOException {
        Files.write(file, new byte[(1 << 20) + 1]);
        IOException refused = assertThrows(IOException.class, () -> HostsFile.readdress(file, Map.of("db", Optional.of("172.17.0.2"))));
        assertTrue(refused.getMessage().contains("more than 1048576 bytes"), refused.getMessage());
    }

    private static byte[] join(byte[] first, byte[] second) {
        byte[] joined = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, joined, first.length, second.length);
        return joined;
    }
}
