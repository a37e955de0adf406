package io.berth.daemon.boot;

import io.berth.daemon.volume.Volumes;
import io.berth.daemon.volume.adopt.Adoption;
import io.berth.daemon.volume.plugin.VolumePlugins;
import io.berth.linux.kernel.Argument;
import io.berth.linux.kernel.JnrKernel;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.SystemCall;
import io.berth.store.durable.DiskFiles;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Clock;

/** {@code berthd adopt-volumes}: takes over another engine's volumes into a data root that no daemon uses. */
final class VolumeTakeover {

    private final Settings settings;
    private final Settings.Takeover takeover;
    private final PrintStream out;

    VolumeTakeover(Settings settings, Settings.Takeover takeover, PrintStream out) {
        this.settings = settings;
        this.takeover = takeover;
        this.out = out;
    }

    /** The exit code: 1 when a volume could not be taken over. */
    int run() throws IOException {
        Kernel kernel = new JnrKernel();
        kernel.call(SystemCall.UMASK, Argument.of(0022));
        try (RootLock _ = RootLock.take(settings.dataRoot());
                Volumes volumes = Volumes.open(kernel, new DiskFiles(), settings.dataRoot(), settings.execRoot(), VolumePlugins.ofMachine(),
                        (volume, action) -> { }, Clock.systemUTC())) {
            return new Adoption(kernel, volumes, takeover.move(), out).from(takeover.from()) == 0 ? 0 : 1;
        } catch (RootLock.TakenException taken) {
            throw new SettingsException(taken.getMessage() + "; its containers run on meanwhile");
        }
    }
}
