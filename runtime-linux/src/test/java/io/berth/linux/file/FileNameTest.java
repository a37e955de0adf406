package io.berth.linux.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileNameTest {

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "a/b", "/", "a\0b"})
    void whatCanLeaveItsDirectoryIsNoName(String bad) {
        assertThrows(InvalidPathException.class, () -> FileName.of(bad));
    }

    @Test
    void bytesThatAreNoCharactersMakeAName() {
        byte[] latin = {'m', (byte) 0xfc, 'l', 'l', (byte) 0xff};
        assertEquals(FileName.of(latin), FileName.of(latin.clone()));
        assertEquals(5, FileName.of(latin).bytes().length);
    }

    @Test
    void aPathIsCleanedAsPeopleReadIt() {
        assertEquals(List.of(FileName.of("a"), FileName.of("c")), BytePath.of("./a//b/../c/").names());
        assertEquals(List.of(), BytePath.of("/").names());
    }

    @ParameterizedTest
    @ValueSource(strings = {"..", "../x", "a/../../x", "/.."})
    void aPathThatClimbsOutHasNoNames(String path) {
        InvalidPathException refused = assertThrows(InvalidPathException.class, () -> BytePath.of(path).names());
        assertEquals("invalid path \"" + path + "\": it leads out of its root", refused.getMessage());
    }
}
