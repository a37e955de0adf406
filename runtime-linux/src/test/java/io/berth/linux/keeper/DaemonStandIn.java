package io.berth.linux.keeper;

import io.berth.linux.keeper.log.LogOptions;
import io.berth.linux.kernel.JnrKernel;
import io.berth.linux.kernel.Kernel;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** A process that starts a keeper and a program, says so, and waits to be killed. */
final class DaemonStandIn {

    private DaemonStandIn() {
    }

    public static void main(String[] arguments) throws IOException {
        Path root = Path.of(arguments[0]);
        Kernel kernel = new JnrKernel();
        KeeperClient keeper = new KeeperLauncher(kernel, KeeperSettings.of(root, root.resolve("native"))).connectOrStart();
        try (Program program = Program.withPipes(kernel, "/bin/sh", "-c", "read nothing; exit 6")) {
            keeper.launch(program.request("stays", 1, LogOptions.none()), Duration.ofSeconds(20));
        }
        System.out.println("running");
        System.in.read();
    }
}
