package io.berth.daemon.volume.plugin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.berth.daemon.volume.plugin.PluginException.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * One volume plugin, by its protocol. What changes something is tried for a while when nobody listens, and may take two minutes. What
 * only looks has seconds, and a plugin that let somebody wait for nothing is not asked again for a while: who lists all volumes
 * does not wait each time for one that hangs.
 */
public final class VolumePlugin {

    /**
     * A volume as its plugin sees it.
     *
     * @param mountpoint empty while it is not mounted, with most plugins
     * @param created as the plugin writes it; empty for most
     * @param status whatever the plugin tells of it
     */
    public record Seen(String name, String mountpoint, String created, Map<String, Object> status) {
    }

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration CHANGE = Duration.ofMinutes(2);
    private static final Duration LOOK = Duration.ofSeconds(5);
    private static final Duration QUIET = Duration.ofSeconds(30);
    private static final String CAPABILITY = "VolumeDriver";

    private final String name;
    private final PluginConnection connection;
    /** Until then, by System.nanoTime, looks are refused with what happened last. */
    private volatile Optional<Silence> silence = Optional.empty();
    private volatile Optional<String> scope = Optional.empty();

    private record Silence(long until, PluginException reason) {
    }

    VolumePlugin(String name, PluginAddress address) {
        this.name = name;
        this.connection = new PluginConnection(address);
    }

    public String name() {
        return name;
    }

    /** The handshake, before anything else is asked. @return whether it is a plugin for volumes */
    boolean activate(boolean patiently) {
        JsonNode answer = patiently ? connection.askPatiently("Plugin.Activate", Map.of(), LOOK)
                : looked(() -> connection.ask("Plugin.Activate", Map.of(), LOOK));
        for (JsonNode capability : answer.path("Implements")) {
            if (capability.asText().equals(CAPABILITY)) {
                return true;
            }
        }
        return false;
    }

    /** {@code local}, or {@code global} when all machines of a cluster see the same volumes. */
    public String scope() {
        if (scope.isEmpty()) {
            try {
                String told = look("Capabilities", Map.of()).path("Capabilities").path("Scope").asText("").toLowerCase(Locale.ROOT);
                scope = Optional.of(told.equals("global") ? told : "local");
            } catch (PluginException unsaid) {
                return "local"; // it need not know the question
            }
        }
        return scope.get();
    }

    public void create(String volume, Optional<Map<String, String>> options) {
        Map<String, Object> question = named(volume);
        question.put("Opts", options.orElse(null));
        change("Create", question);
    }

    public void remove(String volume) {
        change("Remove", named(volume));
    }

    /** @param user each gets its own mount, and the last takes it away; the same user may come again. @return where it is */
    public String mount(String volume, String user) {
        Map<String, Object> question = named(volume);
        question.put("ID", user);
        return change("Mount", question).path("Mountpoint").asText("");
    }

    public void unmount(String volume, String user) {
        Map<String, Object> question = named(volume);
        question.put("ID", user);
        change("Unmount", question);
    }

    public String path(String volume) {
        return look("Path", named(volume)).path("Mountpoint").asText("");
    }

    /** @throws PluginException refused, when it has none of that name, and for any other reason */
    public Seen get(String volume) {
        JsonNode seen = look("Get", named(volume)).path("Volume");
        if (!seen.isObject()) {
            throw new PluginException(Kind.REFUSED, "no such volume");
        }
        return seen(seen);
    }

    public List<Seen> list() {
        List<Seen> all = new ArrayList<>();
        look("List", Map.of()).path("Volumes").forEach(volume -> all.add(seen(volume)));
        return all;
    }

    private static Seen seen(JsonNode volume) {
        @SuppressWarnings("unchecked")
        Map<String, Object> status = volume.path("Status").isObject() ? JSON.convertValue(volume.path("Status"), Map.class) : Map.of();
        return new Seen(volume.path("Name").asText(""), volume.path("Mountpoint").asText(""), volume.path("CreatedAt").asText(""), status);
    }

    private static Map<String, Object> named(String volume) {
        Map<String, Object> question = new LinkedHashMap<>();
        question.put("Name", volume);
        return question;
    }

    private JsonNode change(String method, Map<String, Object> question) {
        JsonNode answer = connection.askPatiently(CAPABILITY + "." + method, question, CHANGE);
        silence = Optional.empty();
        return answer;
    }

    private JsonNode look(String method, Map<String, Object> question) {
        return looked(() -> connection.ask(CAPABILITY + "." + method, question, LOOK));
    }

    private JsonNode looked(Supplier<JsonNode> question) {
        Optional<Silence> known = silence;
        if (known.isPresent() && known.get().until() - System.nanoTime() > 0) {
            throw new PluginException(Kind.LATE, known.get().reason().getMessage(), known.get().reason());
        }
        try {
            JsonNode answer = question.get();
            silence = Optional.empty();
            return answer;
        } catch (PluginException failure) {
            if (failure.kind() == Kind.LATE) {
                silence = Optional.of(new Silence(System.nanoTime() + QUIET.toNanos(), failure));
            }
            throw failure;
        }
    }
}
