package io.berth.daemon.volume.adopt;

import io.berth.api.http.ApiException;
import io.berth.daemon.volume.Volume;
import io.berth.daemon.volume.VolumeName;
import io.berth.daemon.volume.Volumes;
import io.berth.linux.kernel.Argument;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.SystemCall;
import io.berth.linux.kernel.SystemCallException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Takes over the volumes of another engine that has been stopped, into this one, which is stopped as well. Each volume appears as a
 * whole or not at all, and one that is here already stays as it is, so that it can be done again at any time.
 */
public final class Adoption {

    private static final int LOCK_EX = 2;
    private static final int LOCK_NB = 4;

    private final Kernel kernel;
    private final Volumes volumes;
    private final boolean move;
    private final PrintStream out;

    /** @param move whether content leaves the other engine; else it is copied */
    public Adoption(Kernel kernel, Volumes volumes, boolean move, PrintStream out) {
        this.kernel = kernel;
        this.volumes = volumes;
        this.move = move;
        this.out = out;
    }

    /**
     * How many volumes could not be taken over; each is named, with the reason.
     *
     * @param root the other engine's data root
     * @throws IOException when nothing could be read there, or that engine runs
     */
    public int from(Path root) throws IOException {
        OtherEngine other = new OtherEngine(root);
        if (!Files.isDirectory(other.directory())) {
            throw new IOException("there is no directory " + other.directory() + ": name the data root of the other engine, such as /var/lib/docker");
        }
        try (Fd _ = locked(other)) {
            if (other.hasUnreadLabels()) {
                out.println("note: there is no " + other.database() + ", so labels and options of these volumes are not known");
            }
            int failed = 0;
            for (FoundVolume found : other.volumes()) {
                failed += adopted(found) ? 0 : 1;
            }
            return failed;
        }
    }

    /** dockerd locks its database for as long as it runs (flock(2)). Without one there is nothing to be asked, and the directory stands for it. */
    private Fd locked(OtherEngine other) throws IOException {
        Path file = Files.exists(other.database()) ? other.database() : other.directory();
        Fd open = new FileCalls(kernel).open(file.toString(), FileCalls.O_RDONLY, 0);
        try {
            kernel.call(SystemCall.FLOCK, open, Argument.of(LOCK_EX | LOCK_NB));
            return open;
        } catch (SystemCallException taken) {
            open.close();
            if (taken.errno() == Errno.EAGAIN) {
                throw new IOException("the engine that " + other.root() + " belongs to is running: stop it first (systemctl stop docker.socket docker.service)");
            }
            throw taken;
        }
    }

    private boolean adopted(FoundVolume found) {
        try {
            VolumeName name = new VolumeName(found.name());
            Optional<Volume> present = volumes.find(found.name());
            if (present.isPresent()) {
                out.println("there already: " + found.name());
                return true;
            }
            volumes.adopt(new Volume(name, found.driver(), found.created(), found.labels(), found.options(), Optional.empty()), found.content(), move);
            out.println((found.content().isEmpty() ? "taken over: " : move ? "moved: " : "copied: ") + found.name());
            return true;
        } catch (ApiException | SystemCallException | UncheckedIOException failure) {
            out.println("not taken over: " + found.name() + ": " + failure.getMessage());
            return false;
        }
    }
}
