package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.berth.linux.kernel.JnrKernel;
import io.berth.store.ImageStore;
import io.berth.store.image.StoredImage;
import io.berth.store.registry.TestRegistry;
import io.berth.store.verify.Finding;
import io.berth.store.verify.StoreVerifier.Depth;
import io.berth.store.verify.Summary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Power cuts at random moments of a busy engine: the disk below its data root is looked at as it is at that moment. What is
 * found there is sound, every name that a client was told of leads to a whole image, and nothing is visible besides.
 *
 * <p>The suite takes 20 moments; {@code ./dev powercuts} takes as many as it is told.
 */
@Tag("engine")
@Timeout(3600)
class PowerCutTest {

    private static final int MOMENTS = Integer.getInteger("berth.powercuts", 20);
    /** Of the suite's run with one policy; who asks for a number of moments gets all of them. */
    private static final Duration LONGEST = System.getProperty("berth.powercuts") == null ? Duration.ofSeconds(22) : Duration.ofHours(1);
    /** Soon enough for layers to be marked as synced, and blobs to be dropped, while this runs. */
    private static final String SOON = "-Dberth.layers.sync-after=300";

    private Path scratch;

    @ParameterizedTest
    @ValueSource(strings = {"keep", "drop"})
    void whatIsOnTheDiskAtAnyMomentIsWhole(String blobs) throws Exception {
        assumeTrue(System.getenv("BERTH_TEST_HOST") == null, "only berthd: cuts the power of its disk");
        LoopDisks.missing().ifPresent(reason -> assumeTrue(false, reason));
        long seed = System.nanoTime();
        try (EngineUnderTest engine = EngineUnderTest.start("--image-blobs", blobs)) {
            scratch = engine.scratch();
            engine.stop();
            try (LoopDisks disks = new LoopDisks(scratch)) {
                disks.mountDisk(engine.dataRoot());
                engine.startDaemon(SOON);
                engine.docker().runWithInput(TestImage.archive("berth-test:latest"), "load").succeeded();
                Optional<TestRegistry> registry = registry(engine);
                try {
                    cutOften(engine, disks, registry.map(TestRegistry::address), seed);
                } catch (Throwable failure) {
                    throw new AssertionError("seed " + seed + ": " + failure.getMessage() + "\n" + engine.log(), failure);
                } finally {
                    registry.ifPresent(TestRegistry::close);
                    engine.stop();
                    engine.killKeeper();
                }
            }
        }
    }

    private static Optional<TestRegistry> registry(EngineUnderTest engine) throws IOException {
        if (TestRegistry.program().isEmpty()) {
            return Optional.empty();
        }
        TestRegistry registry = TestRegistry.start(engine.scratch(), TestRegistry.Options.PLAIN, engine::enterHost);
        try (Stream<Path> directories = Files.list(engine.scratch())) {
            Path data = directories.filter(path -> path.getFileName().toString().startsWith("registry-")).findFirst().orElseThrow().resolve("data");
            for (int i = 0; i < ImageChurn.tags(); i++) {
                ImageChurn.pulled(i).putInto(data, "app", Integer.toString(i));
            }
        }
        return Optional.of(registry);
    }

    private void cutOften(EngineUnderTest engine, LoopDisks disks, Optional<String> registry, long seed) throws Exception {
        Random random = new Random(seed);
        int promises = 0;
        int moment = 0;
        long end = System.nanoTime() + LONGEST.toNanos();
        ImageChurn churn = new ImageChurn(engine, registry, seed);
        try (churn) {
            for (; moment < Math.max(1, MOMENTS / 2) && System.nanoTime() < end; moment++) {
                // A moment is random; there is no condition to wait for.
                Thread.sleep(random.nextInt(400));
                Map<String, String> marked = churn.mark();
                Path snapshot = disks.snapshot();
                ImageChurn.Certain certain = churn.certain(marked);
                promises += certain.done().size();
                int number = moment;
                try {
                    disks.with(snapshot, scratch.resolve("after"), after -> {
                        forgetBoot(after);
                        if (number % 5 == 4) {
                            Commands.run(EngineUnderTest.program(), "verify", "--data-root", after.toString(), "--config-file",
                                    engine.scratch().resolve("daemon.json").toString()).succeeded();
                        }
                        look(after, certain);
                    });
                    if (moment % 10 == 9) {
                        run(disks, snapshot, certain);
                    }
                } catch (Exception | AssertionError failure) {
                    throw new AssertionError("moment " + moment + ": " + failure.getMessage(), failure);
                }
                Files.delete(snapshot);
            }
        }
        System.out.printf("powercuts: %d moments, %d promises kept, %s, seed %d%n", moment, promises, churn.operations(), seed);
    }

    /** After a power cut the machine is started again: layers that are not marked as synced are of another boot. */
    private static void forgetBoot(Path dataRoot) throws IOException {
        String boot = Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
        if (!Files.isDirectory(dataRoot.resolve("layers"))) {
            return;
        }
        try (Stream<Path> layers = Files.list(dataRoot.resolve("layers"))) {
            for (Path state : layers.map(layer -> layer.resolve("state")).filter(Files::exists).toList()) {
                Files.writeString(state, Files.readString(state).replace(boot, "00000000-0000-0000-0000-000000000000"));
            }
        }
    }

    private static void look(Path dataRoot, ImageChurn.Certain certain) {
        try (ImageStore store = ImageStore.open(dataRoot, new JnrKernel(), id -> List.of(), (action, id, name, labels) -> { })) {
            List<String> damage = new ArrayList<>();
            Summary summary = store.verifier().verify(Depth.FILES, Optional.empty(), finding -> {
                if (finding.kind() == Finding.Kind.DAMAGE || finding.kind() == Finding.Kind.UNREADABLE) {
                    damage.add(finding.sentence());
                }
            });
            assertEquals(List.of(), damage);
            assertTrue(summary.isSound());
            Map<String, String> found = new TreeMap<>();
            store.images().names().forEach((name, id) -> {
                if (!certain.uncertain().contains(name.familiar()) && name.digest().isEmpty() && !name.familiar().equals("berth-test:latest")) {
                    found.put(name.familiar(), id.toString());
                }
            });
            assertEquals(certain.done(), found);
            for (StoredImage image : store.images().list()) {
                store.lowerDirectories(image);
            }
            store.removeUnreferenced();
            assertEquals(0, store.verifier().verify(Depth.CONTENT, Optional.empty(), finding -> { }).reclaimable(), "something is left over");
        }
    }

    /** A daemon on what the power cut left runs every image. */
    private static void run(LoopDisks disks, Path snapshot, ImageChurn.Certain certain) throws Exception {
        try (EngineUnderTest next = EngineUnderTest.start()) {
            next.stop();
            next.killKeeper();
            disks.with(snapshot, next.dataRoot(), mounted -> {
                try {
                    next.startDaemon();
                    for (String name : certain.done().keySet()) {
                        // What was imported has no programs.
                        if (next.docker().run("image", "inspect", "-f", "{{len .RootFS.Layers}}", name).succeeded().equals("2\n")) {
                            next.docker().run("run", "--rm", name, "cat", "/etc/passwd").succeeded();
                        } else {
                            next.docker().run("create", "--name", "tried", name, "/etc/own").succeeded();
                            next.docker().runWithInput(new byte[0], "cp", "tried:/etc/own", "-").succeeded();
                            next.docker().run("rm", "tried").succeeded();
                        }
                    }
                    assertEquals("", next.docker().run("run", "--rm", "berth-test", "true").succeeded());
                } finally {
                    next.stop();
                    next.killKeeper();
                }
            });
        }
    }
}
