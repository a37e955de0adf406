package io.berth.daemon.boot;

import io.berth.api.http.ApiException;
import io.berth.api.wire.container.LogConfig;
import io.berth.daemon.container.DaemonNames;
import io.berth.daemon.network.NetworkSettings;
import io.berth.daemon.spec.LogDriver;
import io.berth.store.gc.BlobPolicy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What the operator asked for: flags, then daemon.json, then defaults ({@link Setting} is the table).
 *
 * @param hosts where to serve the API, at least one
 * @param dockerSocket whether /run/docker.sock is served too when nothing else serves it
 * @param dataRoot images and containers
 * @param execRoot state that need not outlive the machine: sockets, journals of the running, the keeper
 * @param pidfile holds the daemon's process id while it runs
 * @param group the sockets' group, by name or number
 * @param logLevel {@link LogLevel#DEBUG} when debugging was asked for
 * @param init whether containers that do not say have an init as their first process
 * @param initPath that init, by path or by name; one of the host's when it is not set
 * @param restartUnhealthy whether containers that do not say are started again when they are found unhealthy
 * @param containerLog where the output of containers goes unless they say otherwise
 * @param imageBlobs what becomes of compressed layers once they are unpacked
 * @param distribution how images move to and from registries
 * @param names what containers find names by that do not say otherwise
 * @param networks where subnets come from, and what the default bridge is
 */
public record Settings(List<HostAddress> hosts, boolean dockerSocket, Path dataRoot, Path execRoot, Path pidfile,
        Optional<String> group, LogLevel logLevel, boolean init, Optional<String> initPath, boolean restartUnhealthy,
        LogConfig containerLog, BlobPolicy imageBlobs, DistributionSettings distribution, DaemonNames names,
        NetworkSettings networks) {

    /** What a daemon does with containers' output when nobody says anything. */
    public static final LogConfig DEFAULT_LOG = new LogConfig(Setting.LOG_DRIVER.fallback(), Map.of());
    /** The instance of a daemon with the default data root. */
    public static final String DEFAULT_INSTANCE = "default";

    /** What the command line wants done. */
    enum Wish { SERVE, VERIFY, ADOPT, VALIDATE, VERSION, HELP }

    /** How to verify. */
    record Look(boolean repair, boolean deep) {
    }

    /** Whose volumes to take over, and whether their content leaves them. */
    record Takeover(Path from, boolean move) {
    }

    /** The settings and what to do with them; help and version are answered without reading any file. */
    record Request(Wish wish, Settings settings, Look look, Takeover takeover) {
    }

    /** Reads a command line and the configuration file it names. */
    static Request of(List<String> commandLine) {
        Map<Setting, List<String>> flags = CommandLine.parse(commandLine);
        Look look = new Look(isOn(flags, Setting.REPAIR), isOn(flags, Setting.DEEP));
        boolean verify = isOn(flags, Setting.VERIFY);
        if (!verify && (look.repair() || look.deep())) {
            throw new SettingsException("--repair and --deep are for berthd verify");
        }
        Takeover takeover = new Takeover(Path.of(text(flags, Setting.ADOPT_VOLUMES)).normalize(), isOn(flags, Setting.MOVE));
        boolean adopt = flags.containsKey(Setting.ADOPT_VOLUMES);
        if (!adopt && takeover.move()) {
            throw new SettingsException("--move is for berthd adopt-volumes");
        }
        if (adopt && verify) {
            throw new SettingsException("verify and adopt-volumes cannot be done at once");
        }
        if (isOn(flags, Setting.HELP) || isOn(flags, Setting.VERSION)) {
            return new Request(isOn(flags, Setting.HELP) ? Wish.HELP : Wish.VERSION, of(flags, Map.of()), look, takeover);
        }
        Settings settings = of(flags, fileValues(flags));
        Wish wish = verify ? Wish.VERIFY : adopt ? Wish.ADOPT : Wish.SERVE;
        return new Request(isOn(flags, Setting.VALIDATE) ? Wish.VALIDATE : wish, settings, look, takeover);
    }

    private static Map<Setting, List<String>> fileValues(Map<Setting, List<String>> flags) {
        Path file = Path.of(text(flags, Setting.CONFIG_FILE));
        if (!flags.containsKey(Setting.CONFIG_FILE) && !Files.exists(file)) {
            return Map.of();
        }
        Map<Setting, List<String>> values = new ConfigurationFile(file).read();
        String conflicts = values.keySet().stream().filter(flags::containsKey)
                .map(setting -> setting.key() + ": (from flag: " + shown(setting, flags) + ", from file: " + shown(setting, values) + ")")
                .collect(Collectors.joining(", "));
        if (!conflicts.isEmpty()) {
            throw new SettingsException("unable to configure berthd with file " + file
                    + ": the following directives are specified both as a flag and in the configuration file: " + conflicts);
        }
        return values;
    }

    private static Settings of(Map<Setting, List<String>> flags, Map<Setting, List<String>> file) {
        Map<Setting, List<String>> given = new EnumMap<>(Setting.class);
        given.putAll(file);
        given.putAll(flags);
        Path execRoot = Path.of(text(given, Setting.EXEC_ROOT)).normalize();
        Path pidfile = given.containsKey(Setting.PIDFILE) ? Path.of(text(given, Setting.PIDFILE)).normalize() : execRoot.resolve("berthd.pid");
        List<HostAddress> hosts = given.getOrDefault(Setting.HOSTS, List.of(Setting.HOSTS.fallback())).stream()
                .map(HostAddress::parse).distinct().toList();
        boolean dockerSocket = !given.containsKey(Setting.HOSTS) && isOn(given, Setting.DOCKER_SOCKET);
        return new Settings(hosts, dockerSocket, Path.of(text(given, Setting.DATA_ROOT)).normalize(), execRoot, pidfile,
                Optional.of(text(given, Setting.GROUP)).filter(group -> !group.isEmpty()),
                isOn(given, Setting.DEBUG) ? LogLevel.DEBUG : LogLevel.parse(text(given, Setting.LOG_LEVEL)),
                isOn(given, Setting.INIT), Optional.of(text(given, Setting.INIT_PATH)).filter(path -> !path.isEmpty()),
                isOn(given, Setting.RESTART_UNHEALTHY), containerLog(given),
                BlobPolicy.parse(text(given, Setting.IMAGE_BLOBS)), distribution(given), NameSettings.of(list(given, Setting.DNS),
                list(given, Setting.DNS_SEARCH), list(given, Setting.DNS_OPTS), list(given, Setting.HOST_GATEWAY_IPS)), networks(given));
    }

    private static DistributionSettings distribution(Map<Setting, List<String>> given) {
        int downloads = DistributionSettings.count(text(given, Setting.MAX_CONCURRENT_DOWNLOADS));
        int uploads = DistributionSettings.count(text(given, Setting.MAX_CONCURRENT_UPLOADS));
        return new DistributionSettings(given.getOrDefault(Setting.INSECURE_REGISTRIES, List.of()),
                given.getOrDefault(Setting.REGISTRY_MIRRORS, List.of()).stream().map(DistributionSettings::mirror).distinct().toList(),
                text(given, Setting.HTTP_PROXY), text(given, Setting.HTTPS_PROXY), text(given, Setting.NO_PROXY),
                downloads == 0 ? DistributionSettings.DOWNLOADS : downloads, uploads == 0 ? DistributionSettings.UPLOADS : uploads,
                DistributionSettings.atLeastOne(text(given, Setting.MAX_DOWNLOAD_ATTEMPTS)));
    }

    private static NetworkSettings networks(Map<Setting, List<String>> given) {
        Map<String, String> options = new TreeMap<>();
        Map.of(Setting.MTU, "com.docker.network.driver.mtu", Setting.ICC, "com.docker.network.bridge.enable_icc",
                Setting.IP_MASQ, "com.docker.network.bridge.enable_ip_masquerade", Setting.IP, "com.docker.network.bridge.host_binding_ipv4")
                .forEach((setting, option) -> list(given, setting).forEach(value -> options.put(option, value)));
        NetworkFlags.DefaultBridge bridge = new NetworkFlags.DefaultBridge(first(given, Setting.BIP), first(given, Setting.FIXED_CIDR),
                first(given, Setting.DEFAULT_GATEWAY), isOn(given, Setting.IPV6), first(given, Setting.FIXED_CIDR_V6), options);
        return NetworkFlags.of(list(given, Setting.DEFAULT_ADDRESS_POOLS), bridge, isOn(given, Setting.IP_FORWARD), isOn(given, Setting.USERLAND_PROXY));
    }

    private static LogConfig containerLog(Map<Setting, List<String>> given) {
        Map<String, String> options = given.getOrDefault(Setting.LOG_OPTS, List.of()).stream().map(Values::pair)
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (former, later) -> later, TreeMap::new));
        try {
            return LogDriver.resolve(new LogConfig(text(given, Setting.LOG_DRIVER), options), DEFAULT_LOG);
        } catch (ApiException invalid) {
            throw new SettingsException("log-driver and log-opts: " + invalid.getMessage());
        }
    }

    private static String text(Map<Setting, List<String>> given, Setting setting) {
        return given.getOrDefault(setting, List.of(setting.fallback())).getLast();
    }

    private static Optional<String> first(Map<Setting, List<String>> given, Setting setting) {
        return list(given, setting).stream().findFirst();
    }

    private static List<String> list(Map<Setting, List<String>> given, Setting setting) {
        return given.getOrDefault(setting, List.of());
    }

    private static boolean isOn(Map<Setting, List<String>> given, Setting setting) {
        return Values.bool(text(given, setting));
    }

    private static String shown(Setting setting, Map<Setting, List<String>> values) {
        List<String> texts = values.get(setting);
        return Set.of(Setting.Kind.LIST, Setting.Kind.MAP, Setting.Kind.OBJECTS).contains(setting.kind()) ? "[" + String.join(" ", texts) + "]" : texts.getLast();
    }

    /**
     * Tells daemons on one machine apart: what they make there (bridge, nftables table, cgroup, keeper) carries it.
     * {@value #DEFAULT_INSTANCE} for the default data root, eight hexadecimal digits of its path's hash for any other.
     */
    public String instance() {
        if (dataRoot.equals(Path.of(Setting.DATA_ROOT.fallback()))) {
            return DEFAULT_INSTANCE;
        }
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(dataRoot.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 4);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java has SHA-256", impossible);
        }
    }

    /** Whether detailed logging is on, as {@code docker info} shows it. */
    public boolean debug() {
        return logLevel == LogLevel.DEBUG;
    }
}
