package io.berth.daemon.volume;

import io.berth.api.http.ApiException;
import io.berth.daemon.volume.plugin.PluginException;
import io.berth.daemon.volume.plugin.VolumePlugin;
import io.berth.daemon.volume.plugin.VolumePlugins;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The volumes that plugins keep. Theirs is the last word on which there are: some come into being without this engine. */
final class PluginVolumes {

    private final VolumePlugins plugins;

    PluginVolumes(VolumePlugins plugins) {
        this.plugins = plugins;
    }

    /** @throws PluginException when it cannot be used */
    VolumePlugin of(Volume volume) {
        return plugins.get(volume.driver());
    }

    /** Has the plugin make it, unless it has one of that name. */
    void create(Volume volume) {
        String name = volume.name().text();
        VolumePlugin plugin = lookUp("create", volume);
        try {
            if (!has(plugin, name)) {
                plugin.create(name, volume.options());
            }
        } catch (PluginException failure) {
            throw failed("create", volume, failure);
        }
    }

    private static boolean has(VolumePlugin plugin, String name) {
        try {
            plugin.get(name);
            return true;
        } catch (PluginException none) {
            if (none.kind() == PluginException.Kind.REFUSED) {
                return false;
            }
            throw none;
        }
    }

    void remove(Volume volume) {
        VolumePlugin plugin = lookUp("remove", volume);
        try {
            plugin.remove(volume.name().text());
        } catch (PluginException failure) {
            throw failed("remove", volume, failure);
        }
    }

    /** What the plugin tells of a volume, its scope beside it. */
    record Told(VolumePlugin.Seen seen, String scope) {
    }

    Told get(Volume volume) {
        VolumePlugin plugin = lookUp("get", volume);
        try {
            return new Told(plugin.get(volume.name().text()), plugin.scope());
        } catch (PluginException failure) {
            throw failed("get", volume, failure);
        }
    }

    /** The driver of a volume that some plugin has under this name; those that do not answer are passed over. */
    Optional<String> driverOf(VolumeName name) {
        return plugins.ask(plugin -> has(plugin, name.text())).stream().filter(answer -> answer.value().orElse(false))
                .map(VolumePlugins.Answer::plugin).findFirst();
    }

    /**
     * What all plugins have.
     *
     * @param byDriver without those that did not answer
     * @param failures why these did not, in the reference's words
     */
    record Lists(Map<String, List<Told>> byDriver, List<String> failures) {
    }

    Lists list() {
        Map<String, List<Told>> byDriver = new HashMap<>();
        var answers = plugins.ask(plugin -> plugin.list().stream().map(seen -> new Told(seen, plugin.scope())).toList());
        answers.forEach(answer -> answer.value().ifPresent(list -> byDriver.put(answer.plugin(), list)));
        return new Lists(byDriver, answers.stream().flatMap(answer -> answer.failure().stream().map(failure -> "list " + answer.plugin() + ": "
                + failure.getMessage())).toList());
    }

    private VolumePlugin lookUp(String attempt, Volume volume) {
        try {
            return of(volume);
        } catch (PluginException failure) {
            ApiException.Kind kind = failure.kind() == PluginException.Kind.NOT_FOUND ? ApiException.Kind.NOT_FOUND : ApiException.Kind.INTERNAL;
            throw new ApiException(kind, attempt + " " + volume.name() + ": error looking up volume plugin " + volume.driver() + ": "
                    + failure.getMessage(), failure);
        }
    }

    private static ApiException failed(String attempt, Volume volume, PluginException failure) {
        return new ApiException(ApiException.Kind.INTERNAL, attempt + " " + volume.name() + ": " + failure.getMessage(), failure);
    }
}
