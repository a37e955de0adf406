package io.berth.daemon.boot;

import io.berth.daemon.system.EngineIdentity;
import io.berth.linux.kernel.SystemCallException;
import io.berth.store.content.StoreException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The daemon's process. SIGTERM and SIGINT stop the serving and nothing else: containers belong to the keeper and run
 * on. What keeps the daemon from starting is said in one line on standard error, with exit code 1.
 */
public final class Berthd {

    private static final Logger LOG = LoggerFactory.getLogger(Berthd.class);

    private Berthd() {
    }

    public static void main(String[] arguments) {
        List<String> commandLine = List.of(arguments);
        try {
            obey(Settings.of(commandLine));
        } catch (SettingsException refused) {
            System.err.println("berthd: " + refused.getMessage());
            System.exit(commandLine.contains(Setting.VERIFY.flag()) ? Verification.FAILED : 1);
        }
    }

    private static void obey(Settings.Request request) {
        switch (request.wish()) {
            case HELP -> System.out.print(Setting.helpText());
            case VERSION -> System.out.println("berthd version " + EngineIdentity.VERSION + " (engine " + EngineIdentity.ENGINE_VERSION + ")");
            case VALIDATE -> System.out.println("configuration OK");
            case VERIFY -> System.exit(verify(request));
            case ADOPT -> System.exit(adopt(request));
            case SERVE -> serve(request.settings());
        }
    }

    /** A failure of the disk is no damage that was found: it kept this from looking. */
    private static int verify(Settings.Request request) {
        Logging.setLevel(request.settings().logLevel());
        try {
            return new Verification(request.settings(), request.look(), System.out).run();
        } catch (UncheckedIOException | SystemCallException | StoreException failure) {
            System.err.println("berthd: verify: " + failure.getMessage());
            return Verification.FAILED;
        }
    }

    private static int adopt(Settings.Request request) {
        Logging.setLevel(request.settings().logLevel());
        try {
            return new VolumeTakeover(request.settings(), request.takeover(), System.out).run();
        } catch (IOException | UncheckedIOException | SystemCallException failure) {
            System.err.println("berthd: adopt-volumes: " + failure.getMessage());
            return 1;
        }
    }

    /** Does not return: the shutdown hook ends the process when it is told to stop. */
    private static void serve(Settings settings) {
        Logging.setLevel(settings.logLevel());
        Wiring wiring = Wiring.start(settings);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("stop").unstarted(() -> {
            LOG.info("stopping; containers keep running");
            boolean clean = close(wiring);
            // Without this, a daemon that stopped as it was told to would end with 128 + SIGTERM, a failure to systemd.
            Runtime.getRuntime().halt(clean ? 0 : 1);
        }));
        announce(wiring, settings);
        wiring.warmUp();
        HeapWatch.start();
        while (true) {
            LockSupport.park();
        }
    }

    /** Says that the daemon serves, to the log and to the service manager. */
    static void announce(Wiring wiring, Settings settings) {
        LOG.info("ready in {} ms: berthd {} serves {}, data root {}", millisecondsSinceStart(), EngineIdentity.VERSION,
                wiring.addresses(), settings.dataRoot());
        wiring.announceReady();
    }

    private static boolean close(Wiring wiring) {
        try {
            wiring.close();
            return true;
        } catch (RuntimeException failure) {
            LOG.error("the daemon did not stop cleanly", failure);
            return false;
        }
    }

    private static long millisecondsSinceStart() {
        return System.currentTimeMillis() - ProcessHandle.current().info().startInstant().orElseThrow().toEpochMilli();
    }
}
