package io.berth.daemon;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Clients that load, import, commit, tag, pull and remove images without a pause, each under names of its own, and know what the
 * engine has told them is done.
 */
final class ImageChurn implements AutoCloseable {

    private static final int CLIENTS = 3;
    private static final int NAMES = 5;

    private final EngineUnderTest engine;
    private final Optional<String> registry;
    private final ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
    private final List<Future<?>> clients = new ArrayList<>();
    private volatile boolean ended;

    /** Guarded by this: what a name leads to, as the engine said last; which names something is being done to; and was since the mark. */
    private final Map<String, String> done = new TreeMap<>();
    private final Set<String> underWay = new HashSet<>();
    private final Set<String> touched = new HashSet<>();
    private final Map<String, Integer> operations = new TreeMap<>();

    /** @param registry {@code HOST:PORT} of one that has {@code app:0} to {@code app:2}, where there is one */
    ImageChurn(EngineUnderTest engine, Optional<String> registry, long seed) {
        this.engine = engine;
        this.registry = registry;
        for (int client = 0; client < CLIENTS; client++) {
            int number = client;
            clients.add(threads.submit(() -> live(number, new Random(seed + number))));
        }
    }

    /** What is certain about a moment between {@link #mark} and {@link #certain}: names not in {@code uncertain} are exactly as told. */
    record Certain(Map<String, String> done, Set<String> uncertain) {}

    /** From now on every name that something is done to is uncertain. */
    synchronized Map<String, String> mark() {
        touched.clear();
        touched.addAll(underWay);
        return new HashMap<>(done);
    }

    synchronized Certain certain(Map<String, String> marked) {
        Map<String, String> sure = new TreeMap<>(marked);
        sure.keySet().removeAll(touched);
        return new Certain(sure, Set.copyOf(touched));
    }

    /** How often what was done. */
    synchronized Map<String, Integer> operations() {
        return new TreeMap<>(operations);
    }

    private void live(int client, Random random) {
        String container = "churn" + client;
        engine.docker().run("create", "--name", container, "berth-test", "true").succeeded();
        engine.docker().runWithInput(new SmallImage("changed by " + container + "\n").ownFiles(), "cp", "-", container + ":/").succeeded();
        for (int i = 0; !ended; i++) {
            String name = "client" + client + "/n" + random.nextInt(NAMES) + ":latest";
            String content = "client " + client + " step " + i + "\n";
            switch (random.nextInt(10)) {
                case 0, 1 -> during("load", name, () -> {
                    SmallImage image = new SmallImage(content);
                    engine.docker().runWithInput(image.archive(name), "load").succeeded();
                    return Optional.of(image.id());
                });
                case 2 -> during("import", name, () -> Optional.of(engine.docker().runWithInput(new SmallImage(content).ownFiles(), "import", "-", name)
                        .succeeded().strip()));
                case 3, 4 -> during("commit", name, () -> Optional.of(engine.docker().run("commit", "-m", content, container, name).succeeded().strip()));
                case 5 -> tag(client, name, random);
                case 6 -> pull(client, random);
                case 7 -> {
                    engine.request("POST", "/berth/verify?repair=1", "");
                    count("verify");
                }
                default -> remove(name);
            }
        }
    }

    private interface Step {
        /** What the name leads to after it. */
        Optional<String> run();
    }

    private void during(String what, String name, Step step) {
        synchronized (this) {
            underWay.add(name);
            touched.add(name);
        }
        Optional<String> id = step.run();
        Optional<String> before;
        synchronized (this) {
            underWay.remove(name);
            before = Optional.ofNullable(id.isPresent() ? done.put(name, id.get()) : done.remove(name));
        }
        count(what);
        // Without its last name an image would stay and make every later look longer.
        before.filter(old -> !isNamed(old)).ifPresent(old -> engine.docker().run("rmi", old));
    }

    private synchronized boolean isNamed(String id) {
        return done.containsValue(id);
    }

    private synchronized void count(String what) {
        operations.merge(what, 1, Integer::sum);
    }

    private synchronized Optional<String> known(String name) {
        return Optional.ofNullable(done.get(name));
    }

    private void tag(int client, String name, Random random) {
        String other = "client" + client + "/n" + random.nextInt(NAMES) + ":latest";
        Optional<String> id = known(other);
        if (id.isPresent()) {
            during("tag", name, () -> {
                engine.docker().run("tag", other, name).succeeded();
                return id;
            });
        }
    }

    private void remove(String name) {
        if (known(name).isPresent()) {
            during("rmi", name, () -> {
                Commands.Result result = engine.docker().run("rmi", name);
                // An image that another was committed from stays, with its name.
                return result.code() == 0 ? Optional.empty() : known(name);
            });
        }
    }

    /** Each client pulls a tag of its own; what it is called by its digest is shared and not watched. */
    private void pull(int client, Random random) {
        if (registry.isEmpty()) {
            return;
        }
        String name = registry.get() + "/app:" + client;
        during(known(name).isPresent() ? "rmi" : "pull", name, () -> {
            if (known(name).isPresent()) {
                engine.docker().run("rmi", name).succeeded();
                return Optional.empty();
            }
            engine.docker().run("pull", "-q", name).succeeded();
            return Optional.of(pulled(client).id());
        });
    }

    /** What the registry has as {@code app:NUMBER}. */
    static SmallImage pulled(int number) {
        return new SmallImage("from the registry " + number + "\n");
    }

    static int tags() {
        return CLIENTS;
    }

    /** Ends the clients; fails when one of them failed. */
    @Override
    public void close() {
        ended = true;
        threads.shutdown();
        for (Future<?> client : clients) {
            try {
                client.get();
            } catch (ExecutionException failure) {
                throw new AssertionError("a client failed: " + failure.getCause().getMessage(), failure.getCause());
            } catch (InterruptedException interrupted) {
                throw new IllegalStateException(interrupted);
            }
        }
    }
}
