package io.berth.daemon.volume.plugin;

import io.berth.daemon.volume.plugin.PluginException.Kind;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/**
 * All volume plugins of the machine. A directory is read when somebody asks, as plugins come and go; a plugin is activated once, and
 * again when it listens somewhere else.
 */
public final class VolumePlugins {

    private record Known(PluginAddress address, VolumePlugin plugin, boolean activated) {
    }

    private final PluginDirectories directories;
    private final Map<String, Known> known = new ConcurrentHashMap<>();

    VolumePlugins(PluginDirectories directories) {
        this.directories = directories;
    }

    public static VolumePlugins ofMachine() {
        return new VolumePlugins(PluginDirectories.USUAL);
    }

    /**
     * The plugin of that name, for who needs it: one that does not listen is waited for, for a while.
     *
     * @throws PluginException when there is none, or it cannot be used
     */
    public VolumePlugin get(String name) {
        return activated(name, true).orElseThrow(() -> new PluginException(Kind.REFUSED, "plugin \"" + name
                + "\" does not implement the requested driver"));
    }

    private Optional<VolumePlugin> activated(String name, boolean patiently) {
        PluginAddress address = directories.find(name).orElseThrow(() -> new PluginException(Kind.NOT_FOUND, "plugin \"" + name + "\" not found"));
        Known now = known.compute(name, (unused, before) -> before != null && before.address().equals(address) ? before
                : new Known(address, new VolumePlugin(name, address), false));
        if (!now.activated()) {
            if (!now.plugin().activate(patiently)) {
                return Optional.empty();
            }
            known.replace(name, now, new Known(address, now.plugin(), true));
        }
        return Optional.of(now.plugin());
    }

    /** Those that are found, whether or not they answer. */
    public List<String> names() {
        return List.copyOf(directories.names());
    }

    /** Those that are for volumes and answer. */
    public List<String> usable() {
        return ask(VolumePlugin::name).stream().filter(answer -> answer.failure().isEmpty()).flatMap(answer -> answer.value().stream()).toList();
    }

    /**
     * What one plugin said.
     *
     * @param value empty when it failed, or is not for volumes
     */
    public record Answer<T>(String plugin, Optional<T> value, Optional<PluginException> failure) {
    }

    /** Asks all at the same time, without patience. */
    public <T> List<Answer<T>> ask(Function<VolumePlugin, T> question) {
        List<String> names = names();
        if (names.isEmpty()) {
            return List.of();
        }
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Answer<T>>> questions = names.stream().<Callable<Answer<T>>>map(name -> () -> one(name, question)).toList();
            return threads.invokeAll(questions).stream().map(VolumePlugins::result).filter(Objects::nonNull).toList();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while asking volume plugins", interrupted);
        }
    }

    private <T> Answer<T> one(String name, Function<VolumePlugin, T> question) {
        try {
            return new Answer<>(name, activated(name, false).map(question), Optional.empty());
        } catch (PluginException failure) {
            return new Answer<>(name, Optional.empty(), Optional.of(failure));
        }
    }

    private static <T> Answer<T> result(Future<Answer<T>> answer) {
        try {
            return answer.get();
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof RuntimeException unforeseen ? unforeseen : new IllegalStateException(failed.getCause());
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException("invokeAll has waited for it", interrupted);
        }
    }
}
