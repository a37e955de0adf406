package io.berth.store.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.linux.file.FileName;
import io.berth.linux.file.RootedDirectory;
import io.berth.store.content.StoreException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TreeUnpackerTest {

    private static final TreeUnpacker.Rules REPLACING = new TreeUnpacker.Rules(false, Optional.empty());

    private final TemporaryDirectory temporary = new TemporaryDirectory();
    private final Path path = temporary.path().resolve("to");

    TreeUnpackerTest() throws IOException {
        Files.createDirectory(path);
    }

    @AfterEach
    void remove() {
        temporary.close();
    }

    private void unpack(TarFixture tar) throws IOException {
        unpack(tar, REPLACING);
    }

    private void unpack(TarFixture tar, TreeUnpacker.Rules rules) throws IOException {
        try (var parent = temporary.open();
                RootedDirectory destination = RootedDirectory.container(temporary.kernel(),
                        parent.directory(FileName.of("to")).fd())) {
            new TreeUnpacker(destination, "/to", rules).unpack(new TarReader(new ByteArrayInputStream(tar.bytes())));
        }
    }

    @Test
    void memberTakesThePlaceOfWhatHasItsName() throws IOException {
        Files.createDirectories(path.resolve("d/below"));
        Files.writeString(path.resolve("f"), "old");
        unpack(new TarFixture().file("d", "now a file").directory("f/").file("f/g", "in it"));
        assertEquals("now a file", Files.readString(path.resolve("d")));
        assertEquals("in it", Files.readString(path.resolve("f/g")));
    }

    @Test
    void directoryStaysAndGetsTheMembersModeButTheDestinationKeepsItsOwn() throws IOException {
        Files.createDirectory(path.resolve("d"));
        Files.writeString(path.resolve("d/kept"), "");
        unpack(new TarFixture().mode(0700).directory("./").directory("d/"));
        assertTrue(Files.exists(path.resolve("d/kept")));
        assertEquals(0700, mode("d"));
        assertEquals(0755, mode("."));
    }

    private int mode(String name) throws IOException {
        return (int) Files.getAttribute(path.resolve(name), "unix:mode") & 07777;
    }

    @Test
    void linksOnTheWayAreFollowedAndNeverLeaveTheDestination() throws IOException {
        Files.createDirectory(path.resolve("real"));
        Files.createSymbolicLink(path.resolve("inside"), Path.of("real"));
        Files.createSymbolicLink(path.resolve("outside"), Path.of("/elsewhere"));
        unpack(new TarFixture().file("inside/f", "1").file("outside/f", "2").symbolicLink("up", "../../..").file("up/f", "3"));
        assertEquals("1", Files.readString(path.resolve("real/f")));
        assertEquals("2", Files.readString(path.resolve("elsewhere/f")));
        assertEquals("3", Files.readString(path.resolve("f")));
        assertFalse(Files.exists(temporary.path().resolve("f")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"../x", "a/../../x", "/../x"})
    void namesThatClimbOutAreRefused(String name) throws IOException {
        StoreException refused = assertThrows(StoreException.class, () -> unpack(new TarFixture().file(name, "")));
        assertEquals("invalid entry name \"" + name + "\"", refused.getMessage());
        assertFalse(Files.exists(temporary.path().resolve("x")));
    }

    @Test
    void hardLinksLeadToWhatIsBelowTheDestination() throws IOException {
        Files.writeString(temporary.path().resolve("outside"), "secret");
        Files.writeString(path.resolve("f"), "1");
        unpack(new TarFixture().hardLink("g", "f").hardLink("h", "/f"));
        assertTrue(Files.isSameFile(path.resolve("g"), path.resolve("f")));
        assertTrue(Files.isSameFile(path.resolve("h"), path.resolve("f")));
        assertThrows(StoreException.class, () -> unpack(new TarFixture().hardLink("i", "../outside")));
        assertThrows(StoreException.class, () -> unpack(new TarFixture().hardLink("i", "nothing")));
    }

    @Test
    void linkThatHasTheNameOfAMemberIsReplacedNotFollowed() throws IOException {
        Files.writeString(path.resolve("target"), "old");
        Files.createSymbolicLink(path.resolve("f"), Path.of("target"));
        unpack(new TarFixture().file("f", "new"));
        assertTrue(Files.isRegularFile(path.resolve("f"), LinkOption.NOFOLLOW_LINKS));
        assertEquals("old", Files.readString(path.resolve("target")));
    }

    @Test
    void kindsAreKeptWhenAskedFor() throws IOException {
        TreeUnpacker.Rules rules = new TreeUnpacker.Rules(true, Optional.empty());
        Files.createDirectory(path.resolve("d"));
        Files.writeString(path.resolve("f"), "");
        assertEquals("cannot overwrite directory \"d\" with non-directory \"/to\"",
                assertThrows(StoreException.class, () -> unpack(new TarFixture().file("d", ""), rules)).getMessage());
        assertEquals("cannot overwrite non-directory \"f\" with directory \"/to\"",
                assertThrows(StoreException.class, () -> unpack(new TarFixture().directory("f/"), rules)).getMessage());
    }

    @Test
    void ownerCanBeGivenForAll() throws IOException {
        unpack(new TarFixture().owner(5).file("f", ""), new TreeUnpacker.Rules(false, Optional.of(new TreeUnpacker.Owner(1000, 1001))));
        assertEquals(1000, Files.getAttribute(path.resolve("f"), "unix:uid"));
        assertEquals(1001, Files.getAttribute(path.resolve("f"), "unix:gid"));
    }

    @Test
    void whiteoutsOfLayersAreOrdinaryFiles() throws IOException {
        Files.writeString(path.resolve("f"), "");
        unpack(new TarFixture().file(".wh.f", ""));
        assertTrue(Files.exists(path.resolve("f")));
        assertTrue(Files.exists(path.resolve(".wh.f")));
    }
}
