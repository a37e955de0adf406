package io.berth.daemon.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.api.wire.container.LogConfig;
import io.berth.daemon.container.DaemonNames;
import io.berth.daemon.network.NetworkSettings;
import io.berth.daemon.network.definition.AddressRange;
import io.berth.store.gc.BlobPolicy;
import io.berth.store.registry.Proxies;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {

    @TempDir
    Path directory;

    @Test
    void defaultsAreTheDocumentedOnes() throws IOException {
        Settings settings = settings("{}");
        assertEquals(List.of(new HostAddress.Unix(Path.of("/run/berth/berth.sock"))), settings.hosts());
        assertTrue(settings.dockerSocket());
        assertEquals(Path.of("/var/lib/berth"), settings.dataRoot());
        assertEquals(Path.of("/run/berth"), settings.execRoot());
        assertEquals(Path.of("/run/berth/berthd.pid"), settings.pidfile());
        assertEquals(Optional.empty(), settings.group());
        assertEquals(LogLevel.INFO, settings.logLevel());
        assertEquals("default", settings.instance());
    }

    @Test
    void flagsAreReadInEverySpellingTheReferenceTakes() throws IOException {
        Settings settings = settings("{}", "-H", "unix:///a.sock", "--host=tcp://127.0.0.1:2375", "-Htcp://[::1]:2376", "-Dl", "warn",
                "--data-root", "/d/../data", "--exec-root=/run/x", "-G=staff", "--docker-socket=false");
        assertEquals("[unix:///a.sock, tcp://127.0.0.1:2375, tcp://[::1]:2376]", settings.hosts().toString());
        assertEquals(Path.of("/data"), settings.dataRoot());
        assertEquals(Path.of("/run/x/berthd.pid"), settings.pidfile());
        assertEquals(Optional.of("staff"), settings.group());
        assertEquals(LogLevel.DEBUG, settings.logLevel());
        assertFalse(settings.dockerSocket());
    }

    @Test
    void everyKeyOfTheFileIsRead() throws IOException {
        Settings settings = settings("""
                {"hosts": ["unix:///b.sock", "tcp://0.0.0.0:1"], "docker-socket": false, "data-root": "/d", "exec-root": "/e",
                 "pidfile": "/p", "group": "g", "debug": false, "log-level": "error", "init": true, "init-path": "/i",
                 "restart-unhealthy": true}""");
        assertEquals(new Settings(List.of(HostAddress.parse("unix:///b.sock"), HostAddress.parse("tcp://0.0.0.0:1")), false,
                Path.of("/d"), Path.of("/e"), Path.of("/p"), Optional.of("g"), LogLevel.ERROR, true, Optional.of("/i"), true, Settings.DEFAULT_LOG,
                BlobPolicy.KEEP, DistributionSettings.DEFAULT, DaemonNames.OF_HOST, NetworkSettings.DEFAULT), settings);
        assertEquals(new DistributionSettings(List.of(), List.of(), "", "", "", 3, 5, 5), DistributionSettings.DEFAULT);
    }

    @Test
    void namesOfContainersAndTheDefaultBridgeAreSettings() throws IOException {
        Settings settings = settings("""
                {"dns": ["10.0.0.53"], "dns-search": ["corp"], "dns-opts": ["ndots:2"], "host-gateway-ips": ["10.0.0.1", "fd00::1"],
                 "default-address-pools": [{"base": "10.10.0.0/16", "size": 24}], "bip": "192.168.5.1/24", "fixed-cidr": "192.168.5.128/25",
                 "mtu": 1400, "icc": false, "ip-masq": false, "ip": "127.0.0.1"}""");
        assertEquals(new DaemonNames(List.of("10.0.0.53"), List.of("corp"), List.of("ndots:2"), List.of("10.0.0.1", "fd00::1")), settings.names());
        assertEquals("[Pool[base=10.10.0.0/16, prefixLength=24]]", settings.networks().pools().toString());
        AddressRange bridge = settings.networks().bridgeRange().orElseThrow();
        assertEquals("192.168.5.0/24 192.168.5.1 192.168.5.128/25", bridge.subnet() + " " + bridge.gateway().orElseThrow() + " " + bridge.range().orElseThrow());
        assertEquals(Map.of("com.docker.network.driver.mtu", "1400", "com.docker.network.bridge.enable_icc", "false",
                "com.docker.network.bridge.enable_ip_masquerade", "false", "com.docker.network.bridge.host_binding_ipv4", "127.0.0.1"),
                settings.networks().bridgeOptions());
        assertEquals(settings.networks().pools(), settings("{}", "--default-address-pool", "base=10.10.0.0/16,size=24").networks().pools());
        assertEquals(Map.of(), settings("{}").networks().bridgeOptions());
    }

    @Test
    void theDefaultBridgeHasAGatewayAndIpv6WhenTheyAreAskedFor() throws IOException {
        NetworkSettings networks = settings("""
                {"bip": "192.168.5.1/24", "default-gateway": "192.168.5.9", "ipv6": true, "fixed-cidr-v6": "fd00:9::/64", "ip-forward": false,
                 "userland-proxy": false}""").networks();
        assertEquals("192.168.5.1 192.168.5.9", networks.bridgeRange().orElseThrow().gateway().orElseThrow() + " "
                + networks.bridgeRange().orElseThrow().wayOut().orElseThrow());
        assertEquals("fd00:9::/64 fd00:9::1", networks.bridgeRangeV6().orElseThrow().subnet() + " " + networks.bridgeRangeV6().orElseThrow().wayOut().orElseThrow());
        assertEquals("true false false", networks.bridgeIpv6() + " " + networks.forwards() + " " + networks.relays());
        assertEquals(NetworkSettings.DEFAULT, settings("{}").networks());
        assertTrue(settings("{}", "--ipv6").networks().bridgeRangeV6().isEmpty(), "from the pools");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"dns\":[\"x\"]}", "{\"host-gateway-ips\":[\"10.0.0.1\",\"10.0.0.2\"]}",
        "{\"default-address-pools\":[{\"base\":\"10.10.0.0/16\"}]}", "{\"default-address-pools\":[{\"base\":\"x\",\"size\":24}]}", "{\"bip\":\"192.168.5.1\"}",
        "{\"bip\":\"192.168.5.0/24\"}", "{\"fixed-cidr\":\"192.168.5.128/25\"}", "{\"bip\":\"192.168.5.1/24\",\"fixed-cidr\":\"10.0.0.0/24\"}", "{\"mtu\":5}",
        "{\"default-gateway\":\"192.168.5.9\"}", "{\"bip\":\"192.168.5.1/24\",\"default-gateway\":\"10.0.0.9\"}", "{\"fixed-cidr-v6\":\"fd00:9::/64\"}",
        "{\"ipv6\":true,\"fixed-cidr-v6\":\"10.0.0.0/24\"}", "{\"ipv6\":true,\"fixed-cidr-v6\":\"fd00::/127\"}", "{\"iptables\":false}"})
    void whatTheNetworksCannotBeIsRefused(String file) {
        assertThrows(SettingsException.class, () -> settings(file));
    }

    @Test
    void verifyIsAWordBesideTheOptions() {
        Settings.Request request = Settings.of(List.of("--data-root", "/d", "verify", "--deep"));
        assertEquals(Settings.Wish.VERIFY, request.wish());
        assertEquals(new Settings.Look(false, true), request.look());
        assertEquals(Settings.Wish.SERVE, Settings.of(List.of("--group", "verify")).wish());
        assertTrue(assertThrows(SettingsException.class, () -> Settings.of(List.of("--repair"))).getMessage().contains("are for berthd verify"));
        assertThrows(SettingsException.class, () -> Settings.of(List.of("--verify")));
        assertThrows(SettingsException.class, () -> Settings.of(List.of("look")));
    }

    @Test
    void compressedLayersAreKeptUnlessTheyAreToBeDropped() throws IOException {
        assertEquals(BlobPolicy.KEEP, settings("{}").imageBlobs());
        assertEquals(BlobPolicy.DROP, settings("{\"image-blobs\": \"drop\"}").imageBlobs());
        assertTrue(assertThrows(SettingsException.class, () -> settings("{\"image-blobs\": \"some\"}")).getMessage().contains("not keep or drop"));
    }

    @Test
    void dockersOwnSocketIsServedOnlyBesideTheDefaultHost() throws IOException {
        assertFalse(settings("{}", "-H", "unix:///a.sock").dockerSocket());
        assertFalse(settings("{\"docker-socket\": false}").dockerSocket());
    }

    @Test
    void unhealthyContainersAreLeftAloneUnlessTheOperatorSaysOtherwise() throws IOException {
        assertFalse(settings("{}").restartUnhealthy());
        assertTrue(settings("{}", "--restart-unhealthy").restartUnhealthy());
        assertEquals("invalid value \"sometimes\" for restart-unhealthy: neither true nor false", refusal("--restart-unhealthy=sometimes"));
        assertTrue(refusalOfFile("{\"restart-unhealthy\": \"sometimes\"}").contains("restart-unhealthy"), refusalOfFile("{\"restart-unhealthy\": \"sometimes\"}"));
    }

    @Test
    void unknownFlagsNameTheNearestKnownOne() {
        assertEquals("unknown flag: --dataroot (did you mean --data-root?)", refusal("--dataroot", "/x"));
        assertEquals("unknown shorthand flag: 'x' in -x, see berthd --help", refusal("-x"));
        assertEquals("flag needs an argument: --data-root", refusal("--data-root"));
        assertTrue(refusal("serve").startsWith("unexpected argument \"serve\""));
    }

    @Test
    void unknownKeysNameTheNearestKnownOne() throws IOException {
        assertEquals("the following directives don't match any configuration option: "
                + "dbug (did you mean \"debug\"?), host (did you mean \"hosts\"?)", refusalOfFile("{\"dbug\": true, \"host\": []}"));
        assertTrue(refusalOfFile("{\"validate\": true}").startsWith("the following directives don't match any configuration option: validate "));
    }

    @Test
    void aValueGivenTwiceIsTheReferencesConflict() throws IOException {
        assertEquals("the following directives are specified both as a flag and in the configuration file: "
                + "hosts: (from flag: [unix:///a unix:///b], from file: [unix:///c]), debug: (from flag: true, from file: false)",
                refusalOfFile("{\"debug\": false, \"hosts\": [\"unix:///c\"]}", "-D", "-H", "unix:///a", "-H", "unix:///b"));
    }

    @Test
    void valuesThatMakeNoSenseAreRefusedWithTheReason() throws IOException {
        assertEquals("invalid value \"data\" for data-root: not an absolute path", refusal("--data-root", "data"));
        assertEquals("invalid value \"loud\" for log-level: not one of debug, info, warn, error", refusal("-l", "loud"));
        assertEquals("invalid value \"fd://\" for host: a host starts with unix:// or tcp://", refusal("-H", "fd://"));
        assertEquals("invalid value \"tcp://a:70000\" for host: a port is a number from 1 to 65535", refusal("-H", "tcp://a:70000"));
        assertEquals("invalid value \"tcp://::1:80\" for host: an IPv6 address stands in brackets", refusal("-H", "tcp://::1:80"));
        assertEquals("invalid value \"yes\" for debug: neither true nor false", refusal("--debug=yes"));
        assertEquals("the value of debug has to be true or false", refusalOfFile("{\"debug\": \"true\"}"));
        assertEquals("the value of hosts has to be an array of strings", refusalOfFile("{\"hosts\": \"unix:///a\"}"));
    }

    @Test
    void aBrokenFileIsRefusedAndNotHalfRead() throws IOException {
        assertEquals("is not a JSON object", refusalOfFile("[]"));
        assertTrue(refusalOfFile("{\"debug\": true").startsWith("is not valid JSON: "));
        assertTrue(refusalOfFile("{\"debug\": true, \"debug\": true}").contains("Duplicate"));
        assertTrue(refusalOfFile("{} {}").startsWith("is not valid JSON: "));
        assertTrue(refusal("--config-file", "/does/not/exist").contains("file /does/not/exist: cannot be read: NoSuchFileException"));
        assertEquals(LogLevel.INFO, settings(" \n").logLevel());
    }

    @Test
    void helpNamesEverySetting() {
        for (Setting setting : Setting.values()) {
            assertTrue(Setting.helpText().contains((setting.kind() == Setting.Kind.WORD ? "" : "--") + setting.flag()), setting.flag());
        }
    }

    @Test
    void theWishIsReadFromTheFlags() {
        assertEquals(Settings.Wish.HELP, Settings.of(List.of("-h", "-v")).wish());
        assertEquals(Settings.Wish.VERSION, Settings.of(List.of("-v", "--config-file", "/does/not/exist")).wish());
        assertEquals(Settings.Wish.VALIDATE, request("{}", "--validate").wish());
        assertEquals(Settings.Wish.SERVE, request("{}").wish());
    }

    @Test
    void daemonsWithDifferentDataRootsAreDifferentInstances() throws IOException {
        String one = settings("{}", "--data-root", "/one").instance();
        assertTrue(one.matches("[0-9a-f]{8}"), one);
        assertEquals(one, settings("{}", "--data-root", "/one/").instance());
        assertFalse(one.equals(settings("{}", "--data-root", "/two").instance()));
    }

    private Settings settings(String file, String... flags) throws IOException {
        return request(file, flags).settings();
    }

    private Settings.Request request(String file, String... flags) {
        try {
            List<String> words = new ArrayList<>(List.of(flags));
            words.addAll(List.of("--config-file", Files.writeString(directory.resolve("daemon.json"), file).toString()));
            return Settings.of(words);
        } catch (IOException failure) {
            throw new java.io.UncheckedIOException(failure);
        }
    }

    private static String refusal(String... flags) {
        return assertThrows(SettingsException.class, () -> Settings.of(List.of(flags))).getMessage();
    }

    private String refusalOfFile(String file, String... flags) throws IOException {
        String message = assertThrows(SettingsException.class, () -> settings(file, flags)).getMessage();
        String start = "unable to configure berthd with file " + directory.resolve("daemon.json") + ": ";
        assertTrue(message.startsWith(start), message);
        return message.substring(start.length());
    }

    @Test
    void theLogDriverAndItsOptionsComeFromFlagsOrTheFile() {
        Settings flags = Settings.of(List.of("--log-driver", "local", "--log-opt", "max-size=1m", "--log-opt=max-file=2")).settings();
        assertEquals(new LogConfig("local", Map.of("max-size", "1m", "max-file", "2")), flags.containerLog());
        assertEquals("log-driver and log-opts: unknown log opt 'x' for json-file log driver",
                assertThrows(SettingsException.class, () -> Settings.of(List.of("--log-opt", "x=y"))).getMessage());
        assertThrows(SettingsException.class, () -> Settings.of(List.of("--log-driver", "syslog")));
    }

    @Test
    void logOptionsInTheFileAreAnObject() throws IOException {
        Path file = Files.writeString(directory.resolve("log.json"), "{\"log-opts\":{\"max-size\":\"3k\"}}");
        assertEquals(new LogConfig("json-file", Map.of("max-size", "3k")),
                Settings.of(List.of("--config-file", file.toString())).settings().containerLog());
        Path wrong = Files.writeString(directory.resolve("wrong.json"), "{\"log-opts\":{\"max-size\":3}}");
        assertThrows(SettingsException.class, () -> Settings.of(List.of("--config-file", wrong.toString())));
    }

    @Test
    void whatIsSaidOfRegistriesIsReadFromTheFile() throws IOException {
        Settings settings = settings("""
                {"insecure-registries": ["10.0.0.0/8", "plain.test:5000"], "registry-mirrors": ["https://mirror.test", "http://other.test:5000/prefix/"],
                 "proxies": {"http-proxy": "http://p:1", "https-proxy": "http://q:2", "no-proxy": "a,b"},
                 "max-concurrent-downloads": 7, "max-concurrent-uploads": 0, "max-download-attempts": 2}""");
        assertEquals(new DistributionSettings(List.of("10.0.0.0/8", "plain.test:5000"),
                List.of(URI.create("https://mirror.test/"), URI.create("http://other.test:5000/prefix/")), "http://p:1", "http://q:2", "a,b", 7, 5, 2),
                settings.distribution());
        assertEquals(List.of(), settings("{\"insecure-registries\": []}").distribution().insecureRegistries());
    }

    @Test
    void whatIsSaidOfRegistriesIsReadFromFlags() throws IOException {
        DistributionSettings distribution = settings("{}", "--insecure-registry", "a:1", "--insecure-registry=b", "--registry-mirror=https://m",
                "--http-proxy=p:1", "--https-proxy=http://q:2", "--no-proxy=c", "--max-concurrent-downloads=1").distribution();
        assertEquals(new DistributionSettings(List.of("a:1", "b"), List.of(URI.create("https://m/")), "p:1", "http://q:2", "c", 1, 5, 5), distribution);
    }

    @Test
    void theEnvironmentNamesTheProxiesThatTheSettingsDoNot() throws IOException {
        assertEquals(new Proxies("http://a", "http://set", "x"), settings("{}", "--https-proxy=http://set").distribution()
                .registries(Map.of("HTTP_PROXY", "http://a", "HTTPS_PROXY", "http://b", "no_proxy", "x")).proxies());
    }

    @Test
    void whatMakesNoSenseOfRegistriesIsRefused() throws IOException {
        assertEquals("invalid value \"ftp://x\" for registry-mirror: invalid mirror: unsupported scheme \"ftp\" in \"ftp://x\":"
                + " must use either 'https://' or 'http://'", refusal("--registry-mirror", "ftp://x"));
        assertTrue(refusal("--registry-mirror", "mirror.test").contains("no scheme specified"));
        assertTrue(refusal("--registry-mirror", "https://m/?x").contains("query or fragment"));
        assertTrue(refusal("--registry-mirror", "https://u:secret@m/").contains("username/password not allowed in URI \"https://xxxxx:xxxxx@m/\""));
        assertTrue(refusal("--insecure-registry", "a b").contains("insecure registry a b is not valid"));
        assertTrue(refusal("--insecure-registry", "a:99999").contains("invalid port \"99999\""));
        assertTrue(refusal("--insecure-registry", "ftp://a").contains("should not contain '://'"));
        assertTrue(refusal("--max-download-attempts", "0").contains("not a whole number from 1 on"));
        assertTrue(refusal("--max-concurrent-uploads", "-1").contains("not a whole number from 0 on"));
        assertTrue(refusal("--https-proxy", "socks5://x").contains("a proxy is given as http://HOST:PORT"));
        assertEquals("the value of max-concurrent-downloads has to be a whole number", refusalOfFile("{\"max-concurrent-downloads\": \"3\"}"));
        assertTrue(refusalOfFile("{\"proxies\": {\"ftp-proxy\": \"x\"}}").startsWith("the following directives don't match any configuration option: proxies.ftp-proxy"));
        assertTrue(refusalOfFile("{\"proxies\": \"x\"}").startsWith("the following directives don't match any configuration option: proxies "));
    }
}
