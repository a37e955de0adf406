package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Keeps the directions in which the modules may know each other (ARCHITECTURE.md), by reading the compiled classes: the
 * daemon knows the API, the store and the runtime; the store knows the runtime's kernel and files; nobody else knows anybody.
 */
class DependencyDirectionsTest {

    private static final Pattern CLASS_IN_DESCRIPTOR = Pattern.compile("L([a-zA-Z0-9_/$]+)[;<]");

    /** For each module, each of its classes and the classes it mentions, all by their names in the class file. */
    private static final Map<String, Map<String, Set<String>>> MODULES = new TreeMap<>();

    @BeforeAll
    static void readClasses() throws IOException {
        for (String module : List.of("runtime-linux", "image-store", "engine-api", "engine-daemon")) {
            Path classes = Path.of("..", module, "target", "classes");
            Map<String, Set<String>> mentions = new TreeMap<>();
            if (Files.isDirectory(classes)) {
                try (Stream<Path> files = Files.walk(classes)) {
                    for (Path file : files.filter(path -> path.toString().endsWith(".class")).toList()) {
                        String name = classes.relativize(file).toString().replace(".class", "");
                        mentions.put(name, mentions(file));
                    }
                }
            }
            MODULES.put(module, mentions);
        }
        assertFalse(MODULES.get("runtime-linux").isEmpty(), "the modules are not compiled: run the build from the top");
    }

    @Test
    void theApiKnowsNoOtherModule() {
        assertEquals(Set.of(), strangers("engine-api", List.of()));
    }

    @Test
    void theRuntimeKnowsNoOtherModule() {
        assertEquals(Set.of(), strangers("runtime-linux", List.of()));
    }

    @Test
    void theStoreKnowsOnlyTheKernelAndTheFilesOfTheRuntime() {
        assertEquals(Set.of(), strangers("image-store", List.of("io/berth/linux/kernel/", "io/berth/linux/file/")));
    }

    @Test
    void theKeeperNeedsOnlyTheBaseOfJavaAndJffi() {
        Map<String, Set<String>> runtime = MODULES.get("runtime-linux");
        Set<String> base = Object.class.getModule().getPackages();
        Set<String> reached = new TreeSet<>();
        Set<String> foreign = new TreeSet<>();
        Deque<String> open = new ArrayDeque<>(runtime.keySet().stream().filter(name -> name.startsWith("io/berth/linux/keeper/")).toList());
        while (!open.isEmpty()) {
            String name = open.pop();
            if (runtime.containsKey(name)) {
                if (reached.add(name)) {
                    open.addAll(runtime.get(name));
                }
            } else if (!name.startsWith("com/kenai/jffi/") && !base.contains(packageOf(name))) {
                foreign.add(name);
            }
        }
        assertEquals(Set.of(), foreign);
    }

    /** What classes of {@code module} mention of other modules, apart from the packages that are allowed. */
    private static Set<String> strangers(String module, List<String> allowed) {
        Set<String> own = MODULES.get(module).keySet();
        Set<String> strangers = new TreeSet<>();
        MODULES.get(module).forEach((name, mentioned) -> mentioned.stream()
                .filter(other -> other.startsWith("io/berth/") && !own.contains(other) && allowed.stream().noneMatch(other::startsWith))
                .forEach(other -> strangers.add(name + " -> " + other)));
        return strangers;
    }

    private static String packageOf(String className) {
        int slash = className.lastIndexOf('/');
        return slash < 0 ? "" : className.substring(0, slash).replace('/', '.');
    }

    private static Set<String> mentions(Path file) throws IOException {
        Set<String> names = new TreeSet<>();
        for (PoolEntry entry : ClassFile.of().parse(file).constantPool()) {
            switch (entry) {
                case ClassEntry type when !type.asInternalName().startsWith("[") -> names.add(type.asInternalName());
                case Utf8Entry text when text.stringValue().matches("[(\\[L<].*;.*") -> {
                    Matcher matcher = CLASS_IN_DESCRIPTOR.matcher(text.stringValue());
                    while (matcher.find()) {
                        names.add(matcher.group(1));
                    }
                }
                default -> { }
            }
        }
        return names;
    }
}
