package io.berth.linux.keeper;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.JnrKernel;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a real keeper holds for the next daemon. Needs root. */
@Timeout(60)
class KeptDescriptorsTest {

    private final Kernel kernel = new JnrKernel();
    private final FileCalls files = new FileCalls(kernel);
    @TempDir
    private Path root;
    private KeeperLauncher launcher;
    private KeeperClient keeper;

    @BeforeEach
    void startKeeper() {
        launcher = new KeeperLauncher(kernel, KeeperSettings.of(root, root.resolve("native")));
        keeper = launcher.connectOrStart();
    }

    @AfterEach
    void endKeeper() {
        ProcessHandle handle = ProcessHandle.of(keeper.identity().pid()).orElseThrow();
        keeper.close();
        handle.destroyForcibly();
        handle.onExit().join();
    }

    @Test
    void descriptorsAreKeptForTheNextDaemon() {
        try (FileCalls.Pipe pipe = files.pipe()) {
            keeper.keep("port 80", List.of(pipe.readEnd(), pipe.writeEnd()));
        }
        keeper.close();
        keeper = launcher.connect();
        List<Fd> taken = keeper.take("port 80");
        assertEquals(2, taken.size());
        files.write(taken.get(1), "x");
        assertEquals(1, files.read(taken.get(0), NativeBuffer.allocate(4), 0, 4));
        taken.forEach(Fd::close);
        keeper.keep("port 80", List.of());
        assertEquals(List.of(), keeper.take("port 80"));
    }

    @Test
    void whatIsKeptWithoutWaitingIsThereBeforeTheNextAnswerEvenIfItsOwnerClosesItAtOnce() {
        for (int i = 0; i < 100; i++) {
            try (FileCalls.Pipe pipe = files.pipe()) {
                keeper.keepSoon("pipe " + i, List.of(pipe.readEnd(), pipe.writeEnd()));
            }
        }
        assertEquals(100, keeper.kept().size());
        List<Fd> last = keeper.take("pipe 99");
        files.write(last.get(1), "x");
        assertEquals(1, files.read(last.get(0), NativeBuffer.allocate(4), 0, 4));
        last.forEach(Fd::close);
        for (int i = 0; i < 99; i++) {
            keeper.keepSoon("pipe " + i, List.of());
        }
        assertEquals(List.of("pipe 99"), keeper.kept());
    }
}
