package io.berth.store.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.berth.linux.file.Directory;
import io.berth.linux.file.ExtendedAttributes;
import io.berth.linux.file.FileName;
import io.berth.linux.file.FileType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** On directories as overlayfs leaves them; needs root for its marks. */
class OverlayChangesTest {

    private final TemporaryDirectory temporary = new TemporaryDirectory();
    private final Path low = temporary.path().resolve("low");
    private final Path high = temporary.path().resolve("high");
    private final Path upper = temporary.path().resolve("upper");

    OverlayChangesTest() throws IOException {
        for (Path directory : List.of(low, high, upper)) {
            Files.createDirectory(directory);
        }
    }

    @AfterEach
    void remove() {
        temporary.close();
    }

    private static void file(Path path, String content) throws IOException {
        Files.createDirectories(path.getParent());
        Files.writeString(path, content);
    }

    private void whiteOut(Path path) throws IOException {
        Files.createDirectories(path.getParent());
        try (Directory parent = Directory.open(temporary.kernel(), path.getParent().toString())) {
            parent.makeNode(FileName.of(path.getFileName().toString()), FileType.CHARACTER_DEVICE, 0, 0, 0);
        }
    }

    private void makeOpaque(Path path) {
        try (Directory directory = Directory.open(temporary.kernel(), path.toString())) {
            new ExtendedAttributes(temporary.kernel()).set(directory.fd(), "trusted.overlay.opaque".getBytes(StandardCharsets.US_ASCII), new byte[] {'y'});
        }
    }

    private List<String> changes() {
        return OverlayChanges.of(temporary.kernel(), List.of(high.toString(), low.toString()), upper.toString()).stream()
                .map(change -> change.kind().name().charAt(0) + " " + new String(change.path(), StandardCharsets.UTF_8)).toList();
    }

    @Test
    void emptyUpperDirectoryChangesNothing() throws IOException {
        file(low.resolve("f"), "1");
        assertEquals(List.of(), changes());
    }

    @Test
    void newFilesAreAddedAndModifyTheDirectoriesAboveThem() throws IOException {
        file(low.resolve("a/b/old"), "1");
        file(upper.resolve("a/b/new"), "1");
        file(upper.resolve("n/m/f"), "1");
        assertEquals(List.of("M /a", "M /a/b", "A /a/b/new", "A /n", "A /n/m", "A /n/m/f"), changes());
    }

    @Test
    void copiedUpFileIsModifiedOnlyWhenItDiffers() throws IOException {
        file(low.resolve("same"), "1");
        file(low.resolve("more"), "1");
        file(low.resolve("mode"), "1");
        for (String name : List.of("same", "more", "mode")) {
            Files.copy(low.resolve(name), upper.resolve(name), StandardCopyOption.COPY_ATTRIBUTES);
        }
        Files.writeString(upper.resolve("more"), "12");
        Files.setAttribute(upper.resolve("mode"), "unix:mode", 0600);
        assertEquals(List.of("M /mode", "M /more"), changes());
    }

    @Test
    void directoryWithoutChangesInItIsNoChange() throws IOException {
        file(low.resolve("d/f"), "1");
        Files.createDirectory(upper.resolve("d"));
        assertEquals(List.of(), changes());
        Files.setAttribute(upper.resolve("d"), "unix:mode", 0700);
        assertEquals(List.of("M /d"), changes());
    }

    @Test
    void whiteoutDeletesOnlyWhatIsThere() throws IOException {
        file(low.resolve("d/gone"), "1");
        file(low.resolve("d/gone-before"), "1");
        whiteOut(high.resolve("d/gone-before"));
        whiteOut(upper.resolve("d/gone"));
        whiteOut(upper.resolve("d/gone-before"));
        whiteOut(upper.resolve("d/never"));
        assertEquals(List.of("M /d", "D /d/gone"), changes());
    }

    @Test
    void opaqueDirectoryDeletesWhatItDoesNotHave() throws IOException {
        file(low.resolve("d/1"), "1");
        file(low.resolve("d/2"), "1");
        file(high.resolve("d/3"), "1");
        file(upper.resolve("d/2"), "other");
        file(upper.resolve("d/4"), "1");
        makeOpaque(upper.resolve("d"));
        assertEquals(List.of("M /d", "D /d/1", "M /d/2", "D /d/3", "A /d/4"), changes());
    }

    @Test
    void opaqueLayerHidesThoseBelow() throws IOException {
        file(low.resolve("d/hidden"), "1");
        file(high.resolve("d/seen"), "1");
        makeOpaque(high.resolve("d"));
        file(upper.resolve("d/hidden"), "1");
        whiteOut(upper.resolve("d/seen"));
        assertEquals(List.of("M /d", "A /d/hidden", "D /d/seen"), changes());
    }

    @Test
    void fileAndDirectoryTakeEachOthersPlace() throws IOException {
        file(low.resolve("f"), "1");
        file(low.resolve("d/x"), "1");
        file(upper.resolve("f/y"), "1");
        file(upper.resolve("d"), "1");
        assertEquals(List.of("M /d", "M /f", "A /f/y"), changes());
    }
}
