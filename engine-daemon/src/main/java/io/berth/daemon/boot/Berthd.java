package io.berth.daemon.boot;

import io.berth.daemon.system.EngineIdentity;
import java.util.List;
import java.util.concurrent.CountDownLatch;
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
        try {
            Settings.Request request = Settings.of(List.of(arguments));
            switch (request.wish()) {
                case HELP -> System.out.print(Setting.helpText());
                case VERSION -> System.out.println("berthd version " + EngineIdentity.VERSION + " (engine " + EngineIdentity.ENGINE_VERSION + ")");
                case VALIDATE -> System.out.println("configuration OK");
                case SERVE -> serve(request.settings());
            }
        } catch (SettingsException refused) {
            System.err.println("berthd: " + refused.getMessage());
            System.exit(1);
        }
    }

    /** Returns when the process is told to stop; the shutdown hook then ends it. */
    private static void serve(Settings settings) {
        Logging.setLevel(settings.logLevel());
        Wiring wiring = Wiring.start(settings);
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("stop").unstarted(() -> {
            LOG.info("stopping; containers keep running");
            boolean clean = close(wiring);
            stopped.countDown();
            // Without this, a daemon that stopped as it was told to would end with 128 + SIGTERM, a failure to systemd.
            Runtime.getRuntime().halt(clean ? 0 : 1);
        }));
        LOG.info("ready in {} ms: berthd {} serves {}, data root {}", millisecondsSinceStart(), EngineIdentity.VERSION,
                wiring.addresses(), settings.dataRoot());
        wiring.announceReady();
        try {
            stopped.await();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException("nobody interrupts the main thread", interrupted);
        }
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
