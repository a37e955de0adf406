package io.berth.daemon.boot;

import io.berth.daemon.registry.RegistryAccess;
import io.berth.linux.kernel.Argument;
import io.berth.linux.kernel.JnrKernel;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.SystemCall;
import io.berth.store.ImageStore;
import io.berth.store.content.Digest;
import io.berth.store.durable.CorruptJournalException;
import io.berth.store.durable.DiskFiles;
import io.berth.store.durable.Journal;
import io.berth.store.gc.BlobPolicy;
import io.berth.store.image.ImageUsers;
import io.berth.store.registry.Credentials;
import io.berth.store.verify.BlobRepair;
import io.berth.store.verify.Finding;
import io.berth.store.verify.StoreVerifier.Depth;
import io.berth.store.verify.Summary;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** {@code berthd verify}: looks for damage below a data root that no daemon uses, and mends it when asked to. */
final class Verification {

    /** Nothing is damaged, or nothing any more. */
    static final int SOUND = 0;
    static final int DAMAGED = 1;
    /** Something kept it from looking. */
    static final int FAILED = 2;

    private static final String IMAGES = "images.journal";

    private final Settings settings;
    private final Settings.Look look;
    private final PrintStream out;

    Verification(Settings settings, Settings.Look look, PrintStream out) {
        this.settings = settings;
        this.look = look;
        this.out = out;
    }

    /** The exit code. */
    int run() {
        if (!Files.isDirectory(settings.dataRoot())) {
            throw new SettingsException("cannot verify " + settings.dataRoot() + ": there is no such directory");
        }
        try (RootLock _ = RootLock.take(settings.dataRoot())) {
            return look();
        } catch (RootLock.TakenException taken) {
            throw new SettingsException(taken.getMessage() + "; a daemon that runs verifies its images itself: POST /berth/verify"
                    + (look.repair() ? "?repair=1" : ""));
        } catch (IOException failure) {
            throw new SettingsException("cannot use the data root " + settings.dataRoot() + ": " + failure);
        }
    }

    private int look() {
        boolean sound = otherJournals();
        Kernel kernel = new JnrKernel();
        kernel.call(SystemCall.UMASK, Argument.of(0022));
        try (RegistryAccess registries = new RegistryAccess(() -> settings.distribution().registries(System.getenv()));
                ImageStore store = ImageStore.open(settings.dataRoot(), kernel, BlobPolicy.KEEP, Verification::unknownUsers,
                        (action, image, name, labels) -> { })) {
            Optional<BlobRepair> repair = look.repair() ? Optional.of(store.repair(registries::get, Credentials.ANONYMOUS)) : Optional.empty();
            Summary summary = store.verifier().verify(look.deep() ? Depth.FILES : Depth.CONTENT, repair, this::print);
            out.println(summary.sentence());
            return summary.unreadable() > 0 ? FAILED : sound && summary.isSound() ? SOUND : DAMAGED;
        } catch (CorruptJournalException damaged) {
            out.println("damage: " + damaged.getMessage());
            return DAMAGED;
        }
    }

    /** Containers outlive their daemon, and nobody knows here which of them run: any may stand on what was replaced. */
    private static List<ImageUsers.User> unknownUsers(Digest image) {
        return List.of(new ImageUsers.User("unknown", true));
    }

    /** Those of containers and volumes, which are read and no more: their daemon mends them, as far as it can, by starting. */
    private boolean otherJournals() {
        List<String> damage = new ArrayList<>();
        for (Path journal : journals()) {
            try {
                damage.addAll(Journal.inspect(new DiskFiles(), journal));
            } catch (CorruptJournalException damaged) {
                damage.add(damaged.getMessage());
            }
        }
        damage.forEach(problem -> out.println("damage: " + problem));
        return damage.isEmpty();
    }

    private List<Path> journals() {
        try (Stream<Path> files = Files.list(settings.dataRoot())) {
            return files.filter(file -> file.toString().endsWith(".journal") && !file.endsWith(IMAGES)).sorted().toList();
        } catch (IOException failure) {
            throw new SettingsException("cannot look at " + settings.dataRoot() + ": " + failure);
        }
    }

    private void print(Finding finding) {
        out.println(finding.kind().name().toLowerCase(Locale.ROOT) + ": " + finding.sentence());
    }
}
