package io.berth.daemon.boot;

import io.berth.api.Operations;
import io.berth.api.http.ApiServer;
import io.berth.api.http.Endpoint;
import io.berth.api.http.Router;
import io.berth.api.http.ServerOptions;
import io.berth.api.system.SystemRoutes;
import io.berth.daemon.system.Census;
import io.berth.daemon.system.EngineIdentity;
import io.berth.daemon.system.EventLog;
import io.berth.daemon.system.SystemService;
import io.berth.linux.kernel.JnrKernel;
import io.berth.linux.kernel.Kernel;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Makes every object of the daemon, by hand, from the bottom up: what a line needs has been made above it. Stopping goes
 * the other way, from the last thing started to the first.
 */
final class Wiring implements AutoCloseable {

    private final Settings settings;
    /** What has to be stopped, the last started first. */
    private final Deque<AutoCloseable> started = new ArrayDeque<>();
    private final Kernel kernel = new JnrKernel();
    private final ServiceManager serviceManager = new ServiceManager(kernel, Optional.ofNullable(System.getenv("NOTIFY_SOCKET")));

    private ApiServer server;

    private Wiring(Settings settings) {
        this.settings = settings;
    }

    /** Starts everything, or nothing: what had been started is stopped again when something cannot be. */
    static Wiring start(Settings settings) {
        Wiring wiring = new Wiring(settings);
        try {
            wiring.startAll();
            return wiring;
        } catch (RuntimeException failure) {
            try {
                wiring.close();
            } catch (RuntimeException second) {
                failure.addSuppressed(second);
            }
            throw failure;
        }
    }

    private void startAll() {
        started(RootLock.take(settings.dataRoot()));
        started(Pidfile.write(settings.pidfile()));
        Clock clock = Clock.systemUTC();

        EngineIdentity identity = EngineIdentity.of(settings.dataRoot(), settings.debug());
        EventLog events = new EventLog(clock);
        SystemService system = new SystemService(identity, Census.empty(), events, clock);

        Router router = new Router();
        new SystemRoutes(system).addTo(router);
        Operations.addUnbuiltTo(router);
        server = started(serve(router));
    }

    /** The last thing to start: who can connect finds everything in its place. */
    private ApiServer serve(Router router) {
        ServerOptions options = ServerOptions.of(EngineIdentity.OLDEST_API, EngineIdentity.API, EngineIdentity.ENGINE_VERSION);
        try {
            return ApiServer.start(Listening.endpoints(settings), options, router);
        } catch (IOException failure) {
            throw new SettingsException(failure.getMessage());
        }
    }

    private <T extends AutoCloseable> T started(T part) {
        started.push(part);
        return part;
    }

    /** Where the API is served. */
    List<Endpoint> addresses() {
        return server.addresses();
    }

    void announceReady() {
        serviceManager.ready();
    }

    /** Stops what was started, all of it: a part that fails to stop does not keep the others running. */
    @Override
    public void close() {
        serviceManager.stopping();
        RuntimeException failures = new IllegalStateException("parts of the daemon did not stop");
        while (!started.isEmpty()) {
            try {
                started.pop().close();
            } catch (Exception failure) {
                failures.addSuppressed(failure);
            }
        }
        if (failures.getSuppressed().length > 0) {
            throw failures;
        }
    }
}
