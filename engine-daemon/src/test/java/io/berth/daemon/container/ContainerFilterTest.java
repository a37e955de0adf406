package io.berth.daemon.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.berth.api.http.ApiException;
import io.berth.api.http.Filters;
import io.berth.api.wire.container.ContainerConfig;
import io.berth.daemon.network.definition.NetworkId;
import io.berth.daemon.network.definition.NetworkKind;
import io.berth.daemon.spec.Definition;
import io.berth.daemon.spec.SpecCompiler;
import io.berth.store.content.Digest;
import io.berth.store.durable.DiskFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContainerFilterTest {

    /** {@code box} is what they were all made of, {@code other} another image. */
    private static final Function<String, Set<Digest>> IMAGES = name ->
            Map.of("box", Set.of(Digest.parse(Fixtures.IMAGE)), "other", Set.of(Digest.of(new byte[1]))).getOrDefault(name, Set.of());

    @TempDir
    Path directory;
    private Containers containers;

    /** Three containers: old (exited with 3), web (runs, on the host's network), new (created). */
    @BeforeEach
    void makeContainers() {
        containers = Containers.open(new DiskFiles(), directory.resolve("containers.journal"), new SpecCompiler());
        create("a1", "old", "2026-03-01T00:00:00Z", "box", "bridge").change(state("old"), Fixtures.running(1));
        containers.resolve("old").change(state("old"), Fixtures.exited(1, 3));
        create("a2", "web", "2026-03-02T00:00:00Z", "shop/web:1", "host").change(state("web"), Fixtures.running(1));
        create("b3", "new", "2026-03-03T00:00:00Z", "box:latest", "none");
    }

    @AfterEach
    void close() {
        containers.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{}                                  | new web old",
        "{\"id\":[\"a\"]}                        | web old",
        "{\"name\":[\"e\"]}                      | new web",
        "{\"name\":[\"^/old$\"]}                 | old",
        "{\"name\":[\"^old$\",\"new\"]}            | new old",
        "{\"status\":[\"exited\"]}               | old",
        "{\"status\":[\"created\",\"running\"]}    | new web",
        "{\"status\":[\"paused\"]}               | ''",
        "{\"exited\":[\"3\"]}                    | old",
        "{\"exited\":[\"0\"]}                    | ''",
        "{\"label\":[\"name=web\"]}              | web",
        "{\"label\":[\"name\"]}                  | new web old",
        "{\"label!\":[\"name=web\"]}             | new old",
        "{\"ancestor\":[\"other\"]}              | ''",
        "{\"ancestor\":[\"box\"]}                | new web old",
        "{\"ancestor\":[\"other\",\"box\"]}      | new web old",
        "{\"ancestor\":[\"unknown\"]}            | ''",
        "{\"network\":[\"host\"]}                | web",
        "{\"network\":[\"none\"]}                | new",
        "{\"network\":[\"b0b0\"]}                | old",
        "{\"network\":[\"c0c0\"]}                | ''",
        "{\"network\":[\"\"]}                    | ''",
        "{\"expose\":[\"80\"]}                   | web",
        "{\"expose\":[\"70-90/tcp\"]}            | web",
        "{\"name\":[\"(\"]}                      | ''",
        "{\"expose\":[\"80/udp\"]}               | ''",
        "{\"volume\":[\"/dst\"]}                 | new web old",
        "{\"volume\":[\"/src/web\"]}             | web",
        "{\"before\":[\"web\"]}                  | old",
        "{\"since\":[\"web\"]}                   | new",
        "{\"health\":[\"none\"]}                 | new web old",
        "{\"health\":[\"healthy\"]}              | ''",
        "{\"is-task\":[\"true\"]}                | ''",
        "{\"id\":[\"a\"],\"status\":[\"running\"]} | web",
    })
    void containersAreFilteredAsInTheReferenceEngine(String filters, String names) {
        ContainerFilter filter = new ContainerFilter(Filters.parse(filters), containers, IMAGES, new NetworkViews(containers, ContainerFilterTest::id)::shownIds);
        assertEquals(names, String.join(" ", containers.list().stream().filter(filter::passes).map(Container::name).toList()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{\"bogus\":[\"x\"]}    | invalid filter 'bogus'",
        "{\"status\":[\"x\"]}   | 'invalid filter ''status=x'': invalid value for state (x): must be one of created, running, paused, restarting, removing, exited, dead'",
        "{\"exited\":[\"x\"]}   | invalid filter 'exited=x': strconv.Atoi: parsing \"x\": invalid syntax",
        "{\"publish\":[\"x\"]}  | 'error while looking up for publish x: strconv.ParseUint: parsing \"x\": invalid syntax'",
        "{\"publish\":[\"\"]}   | error while looking up for publish : Empty string specified for ports.",
        "{\"expose\":[\"1-70000\"]} | 'error while looking up for expose 1-70000: strconv.ParseUint: parsing \"70000\": value out of range'",
        "{\"is-task\":[\"x\"]}  | invalid filter 'is-task=[x]'",
        "{\"is-task\":[\"0\",\"1\"]}  | invalid filter 'is-task=[0 1]'",
    })
    void aFilterThatMakesNoSenseIsRefused(String filters, String message) {
        assertEquals(message, assertThrows(ApiException.class, () -> new ContainerFilter(Filters.parse(filters), containers, IMAGES, new NetworkViews(containers, ContainerFilterTest::id)::shownIds)).getMessage());
    }

    private static NetworkId id(NetworkKind kind) {
        return new NetworkId(Map.of(NetworkKind.BRIDGE, "b0", NetworkKind.HOST, "a0", NetworkKind.NONE, "c0").get(kind).repeat(32));
    }

    private ContainerState state(String name) {
        return containers.resolve(name).state();
    }

    private Container create(String id, String name, String created, String image, String network) {
        ContainerConfig config = Fixtures.config(c -> {
            c.image = image;
            c.labels = Map.of("name", name);
            c.exposedPorts = Map.of("80/tcp", Map.of());
        });
        Definition definition = new Definition(Fixtures.id(id).hex(), name, created, Fixtures.IMAGE, config, Fixtures.host(host -> {
            host.networkMode = network;
            host.binds = List.of("/src/" + name + ":/dst");
        }), Map.of());
        Container container = new Container(definition, new SpecCompiler().compile(definition), new ContainerState.Created(0, ""), Optional.empty());
        containers.created(container);
        return container;
    }
}
