package io.berth.daemon.boot;

import io.berth.daemon.network.address.Subnet;
import io.berth.daemon.spec.LogDriver;
import io.berth.store.gc.BlobPolicy;
import io.berth.store.registry.InsecureRegistries;
import io.berth.store.registry.Proxies;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The one table of everything that can be set. Each row is at once a flag of the command line ({@code --data-root DIR})
 * and a key of daemon.json ({@code "data-root": "DIR"}); names are those of the reference engine where it has them.
 */
enum Setting {

    HOSTS("hosts", "host", 'H', Kind.LIST, "unix:///run/berth/berth.sock",
            "where to listen: unix://PATH or tcp://ADDRESS:PORT; may be repeated", HostAddress::parse),
    DOCKER_SOCKET("docker-socket", ' ', Kind.SWITCH, "true",
            "with the default host, listen on /run/docker.sock too when nothing else does", Values::bool),
    DATA_ROOT("data-root", ' ', Kind.TEXT, "/var/lib/berth",
            "images and containers live below this directory", Values::absolutePath),
    EXEC_ROOT("exec-root", ' ', Kind.TEXT, "/run/berth",
            "state that dies with the machine lives below this directory", Values::absolutePath),
    PIDFILE("pidfile", 'p', Kind.TEXT, "EXEC-ROOT/berthd.pid",
            "file that holds the daemon's process id", Values::absolutePath),
    GROUP("group", 'G', Kind.TEXT, "",
            "group that may use the unix sockets, by name or number", value -> { }),
    DEBUG("debug", 'D', Kind.SWITCH, "false", "log what is done in detail", Values::bool),
    LOG_LEVEL("log-level", 'l', Kind.TEXT, "info", "one of debug, info, warn, error", LogLevel::parse),
    INIT("init", ' ', Kind.SWITCH, "false", "run an init as the first process of containers that do not say whether", Values::bool),
    INIT_PATH("init-path", ' ', Kind.TEXT, "", "the init that --init mounts into containers (one of the host's: tini, catatonit)", value -> { }),
    RESTART_UNHEALTHY("restart-unhealthy", ' ', Kind.SWITCH, "false",
            "start containers again that their health check finds unhealthy, unless their label io.berth.restart-unhealthy says false", Values::bool),
    LOG_DRIVER("log-driver", ' ', Kind.TEXT, "json-file", "where containers' output goes unless they say otherwise: json-file, local or none",
            value -> LogDriver.find(value).orElseThrow(() -> new IllegalArgumentException("not json-file, local or none"))),
    LOG_OPTS("log-opts", "log-opt", ' ', Kind.MAP, "", "option of that driver, such as max-size=10m; may be repeated", Values::pair),
    INSECURE_REGISTRIES("insecure-registries", "insecure-registry", ' ', Kind.LIST, "",
            "registry, or range of addresses, that may speak plain HTTP and show any certificate; may be repeated", InsecureRegistries::check),
    REGISTRY_MIRRORS("registry-mirrors", "registry-mirror", ' ', Kind.LIST, "", "mirror of docker.io to ask first; may be repeated",
            DistributionSettings::mirror),
    HTTP_PROXY("proxies.http-proxy", "http-proxy", ' ', Kind.TEXT, "", "proxy for plain HTTP to registries, instead of HTTP_PROXY", Proxies::check),
    HTTPS_PROXY("proxies.https-proxy", "https-proxy", ' ', Kind.TEXT, "", "proxy for HTTPS to registries, instead of HTTPS_PROXY", Proxies::check),
    NO_PROXY("proxies.no-proxy", "no-proxy", ' ', Kind.TEXT, "", "hosts to reach without a proxy, instead of NO_PROXY", value -> { }),
    MAX_CONCURRENT_DOWNLOADS("max-concurrent-downloads", ' ', Kind.NUMBER, "3", "layers that one pull downloads at once", DistributionSettings::count),
    MAX_CONCURRENT_UPLOADS("max-concurrent-uploads", ' ', Kind.NUMBER, "5", "layers that one push uploads at once", DistributionSettings::count),
    MAX_DOWNLOAD_ATTEMPTS("max-download-attempts", ' ', Kind.NUMBER, "5", "attempts at each download", DistributionSettings::atLeastOne),
    IMAGE_BLOBS("image-blobs", ' ', Kind.TEXT, "keep",
            "what becomes of compressed layers once they are unpacked and on the disk: keep or drop", BlobPolicy::parse),
    DEFAULT_ADDRESS_POOLS("default-address-pools", "default-address-pool", ' ', Kind.OBJECTS, "",
            "pool of subnets for networks that ask for none, base=10.10.0.0/16,size=24; may be repeated", NetworkFlags::pool),
    BIP("bip", ' ', Kind.TEXT, "", "address of the default bridge with its prefix, 192.168.5.1/24", NetworkFlags::bridge),
    FIXED_CIDR("fixed-cidr", ' ', Kind.TEXT, "", "part of the default bridge's subnet that containers get addresses of", Subnet::parse),
    DEFAULT_GATEWAY("default-gateway", ' ', Kind.TEXT, "", "address in the default bridge's subnet that its containers use as their gateway, instead of the bridge",
            NameSettings::address),
    IPV6("ipv6", ' ', Kind.SWITCH, "false", "give the default bridge IPv6 too", Values::bool),
    FIXED_CIDR_V6("fixed-cidr-v6", ' ', Kind.TEXT, "", "IPv6 subnet of the default bridge, instead of one of the pools", NetworkFlags::subnetV6),
    MTU("mtu", ' ', Kind.NUMBER, "1500", "largest packet of the default bridge", NetworkFlags::mtu),
    ICC("icc", ' ', Kind.SWITCH, "true", "let containers of the default bridge reach each other", Values::bool),
    IP_MASQ("ip-masq", ' ', Kind.SWITCH, "true", "give packets that leave the default bridge the host's address", Values::bool),
    IP("ip", ' ', Kind.TEXT, "0.0.0.0", "address of the host at which the default bridge publishes ports unless a container says where", NameSettings::address),
    IP_FORWARD("ip-forward", ' ', Kind.SWITCH, "true", "let the host forward packets, for containers to reach others and to be reached", Values::bool),
    USERLAND_PROXY("userland-proxy", ' ', Kind.SWITCH, "true", "answer at published ports also where the kernel cannot redirect: at ::1, and on IPv6 for containers without",
            Values::bool),
    DNS("dns", ' ', Kind.LIST, "", "server that containers ask for names, instead of the host's; may be repeated", NameSettings::address),
    DNS_SEARCH("dns-search", ' ', Kind.LIST, "", "domain in which containers look for names, instead of the host's; may be repeated", value -> { }),
    DNS_OPTS("dns-opts", "dns-opt", ' ', Kind.LIST, "", "option of containers' resolvers, instead of the host's; may be repeated", value -> { }),
    HOST_GATEWAY_IPS("host-gateway-ips", "host-gateway-ip", ' ', Kind.LIST, "",
            "what host-gateway stands for in --add-host, instead of the default bridge's address; may be repeated once", NameSettings::address),
    // From here on: for the command line only.
    CONFIG_FILE("config-file", ' ', Kind.TEXT, "/etc/berth/daemon.json",
            "file with the same settings as JSON; need not exist unless it is named", Values::absolutePath),
    VERIFY("verify", ' ', Kind.WORD, "false", "look for damage below the data root of a stopped daemon (exit code 1 when some is left, 2 when it could not look)",
            Values::bool),
    REPAIR("repair", ' ', Kind.SWITCH, "false", "for verify: mend what can be mended, from blobs and from registries", Values::bool),
    DEEP("deep", ' ', Kind.SWITCH, "false", "for verify: compare every unpacked layer with its blob, file by file", Values::bool),
    ADOPT_VOLUMES("adopt-volumes", ' ', Kind.WORD, "", "followed by a directory: take over the volumes of the stopped engine that it is the data root of, such as"
            + " /var/lib/docker, while this daemon is stopped as well (exit code 1 when some could not be)", Values::absolutePath),
    MOVE("move", ' ', Kind.SWITCH, "false", "for adopt-volumes: move content instead of copying it", Values::bool),
    VALIDATE("validate", ' ', Kind.SWITCH, "false", "check the settings and leave", Values::bool),
    VERSION("version", 'v', Kind.SWITCH, "false", "print the version and leave", Values::bool),
    HELP("help", 'h', Kind.SWITCH, "false", "print this text and leave", Values::bool);

    enum Kind {
        /** A word without dashes: what to do instead of serving. */
        WORD,
        /** True or false; the flag alone means true. */
        SWITCH,
        /** One value. */
        TEXT,
        /** One whole number. */
        NUMBER,
        /** The flag may be repeated; the key holds an array. */
        LIST,
        /** The flag may be repeated, each time with {@code NAME=VALUE}; the key holds an object of strings. */
        MAP,
        /** The flag may be repeated, each time with {@code NAME=VALUE,NAME=VALUE}; the key holds an array of objects. */
        OBJECTS
    }

    /** Stands for no letter in the table. */
    private static final char NO_LETTER = ' ';

    private final String key;
    private final String flag;
    private final char letter;
    private final Kind kind;
    private final String fallback;
    private final String help;
    private final Consumer<String> check;

    Setting(String name, char letter, Kind kind, String fallback, String help, Consumer<String> check) {
        this(name, name, letter, kind, fallback, help, check);
    }

    Setting(String key, String flag, char letter, Kind kind, String fallback, String help, Consumer<String> check) {
        this.key = key;
        this.flag = flag;
        this.letter = letter;
        this.kind = kind;
        this.fallback = fallback;
        this.help = help;
        this.check = check;
    }

    /** Its name in daemon.json; a dot stands for an object in the object. */
    String key() {
        return key;
    }

    /** Its name on the command line, without the dashes. */
    String flag() {
        return flag;
    }

    Kind kind() {
        return kind;
    }

    String fallback() {
        return fallback;
    }

    /** False for what only makes sense on a command line. */
    boolean inFile() {
        return compareTo(CONFIG_FILE) < 0;
    }

    private boolean isSwitch() {
        return kind == Kind.SWITCH || kind == Kind.WORD;
    }

    /** Refuses a value that this setting cannot have. */
    void check(String value) {
        try {
            check.accept(value);
        } catch (IllegalArgumentException invalid) {
            throw new SettingsException("invalid value \"" + value + "\" for " + flag + ": " + invalid.getMessage());
        }
    }

    static Optional<Setting> ofFlag(String name) {
        return Arrays.stream(values()).filter(setting -> setting.kind != Kind.WORD && setting.flag.equals(name)).findFirst();
    }

    static Optional<Setting> ofLetter(char letter) {
        return Arrays.stream(values()).filter(setting -> letter != NO_LETTER && setting.letter == letter).findFirst();
    }

    static Optional<Setting> ofKey(String name) {
        return Arrays.stream(values()).filter(setting -> setting.inFile() && setting.key.equals(name)).findFirst();
    }

    /** Whether this key of daemon.json holds an object of settings. */
    static boolean isGroup(String name) {
        return Arrays.stream(values()).anyMatch(setting -> setting.inFile() && setting.key.startsWith(name + '.'));
    }

    static List<String> flags() {
        return Arrays.stream(values()).filter(setting -> setting.kind != Kind.WORD).map(Setting::flag).toList();
    }

    static List<String> keys() {
        return Arrays.stream(values()).filter(Setting::inFile).map(Setting::key).toList();
    }

    /** The table as the text of {@code --help}. */
    static String helpText() {
        StringBuilder text = new StringBuilder("""
                Usage: berthd [verify | adopt-volumes DIRECTORY] [OPTIONS]

                A container engine that serves the Docker Engine API.

                Options:
                """);
        for (Setting setting : values()) {
            String letter = setting.letter == NO_LETTER ? "    " : "-" + setting.letter + ", ";
            String argument = setting.isSwitch() ? "" : " VALUE";
            String fallback = setting.fallback.isEmpty() || setting.isSwitch() && setting.fallback.equals("false")
                    ? "" : " (default " + setting.fallback + ")";
            text.append("  %s%-22s %s%s%n".formatted(letter, (setting.kind == Kind.WORD ? "" : "--") + setting.flag + argument, setting.help, fallback));
        }
        return text.append("""

                Every option but the last nine is also a key of the configuration file (--host is "hosts", --log-opt "log-opts",
                --dns-opt "dns-opts", --host-gateway-ip "host-gateway-ips", --default-address-pool "default-address-pools",
                --insecure-registry "insecure-registries", --registry-mirror "registry-mirrors"; the proxies stand in an object "proxies").
                """).toString();
    }
}
