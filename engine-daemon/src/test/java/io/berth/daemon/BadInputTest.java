package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What cannot be done is refused with the reference's status and words, and nothing half-made stays. */
class BadInputTest extends ContainerTest {

    private Set<String> before;

    @BeforeEach
    void remember() throws IOException {
        before = remains();
    }

    @AfterEach
    void nothingStays() {
        removeContainers();
        Await.until("nothing to be left", PATIENCE, () -> before.containsAll(safeRemains()), () -> safeRemains() + " instead of " + before);
    }

    private static Set<String> safeRemains() {
        try {
            return remains();
        } catch (IOException changing) {
            return Set.of("something that changes: " + changing.getMessage());
        }
    }

    /** What there is of containers in an engine of our own; of another engine nothing is known. */
    private static Set<String> remains() throws IOException {
        if (engine.isReference()) {
            return Set.of();
        }
        Set<String> all = engine.traces();
        for (Path directory : List.of(engine.dataRoot().resolve("containers"), engine.dataRoot().resolve("trash"))) {
            try (Stream<Path> entries = Files.list(directory)) {
                entries.forEach(entry -> all.add(entry.toString()));
            }
        }
        return all;
    }

    @Test
    void anUnknownImageIsNotFound() {
        RawHttp.Answer answer = create("", "{\"Image\":\"no/such:image\"}");
        assertEquals(404, answer.status());
        assertEquals("No such image: no/such:image", message(answer));
    }

    @Test
    void namesOfImagesAndContainersAreChecked() {
        assertRefused(400, "invalid reference format", create("", "{\"Image\":\"NOT:a:NAME\"}"));
        assertRefused(400, "Invalid container name (-bad), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed", create("?name=-bad", body("")));
        assertRefused(400, "Invalid container name (a), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed", create("?name=a", body("")));
    }

    @Test
    void aNameInUseIsAConflictInTheReferencesWords() {
        String id = docker(marked("create", "--name", "berth-test-taken", IMAGE)).succeeded().strip();
        RawHttp.Answer second = create("?name=berth-test-taken", body(""));
        assertEquals(409, second.status());
        assertEquals("Conflict. The container name \"/berth-test-taken\" is already in use by container \"" + id
                + "\". You have to remove (or rename) that container to be able to reuse that name.", message(second));
    }

    @Test
    void bodiesThatAreNotJsonAreRefused() {
        assertEquals(400, create("", "{\"Image\":").status());
        assertEquals(400, create("", "not json").status());
        assertEquals(400, create("", "").status());
        assertEquals(400, create("", "{\"Image\":\"" + IMAGE + "\"} {}").status());
        assertEquals(400, create("", "{\"Image\":\"" + IMAGE + "\",\"Cmd\":5}").status());
    }

    @Test
    void impossibleSettingsAreRefused() {
        assertRefused(400, "the working directory 'relative' is invalid, it needs to be an absolute path", create("", body("\"WorkingDir\":\"relative\"")));
        assertRefused(400, "Minimum memory limit allowed is 6MB", create("", host("\"Memory\":1024")));
        assertRefused(400, "invalid port specification: \"x", create("", host("\"PortBindings\":{\"x/tcp\":[{\"HostPort\":\"\"}]}")));
        assertRefused(400, "range of CPUs is from 0.01 to", create("", host("\"NanoCpus\":999000000000")));
        assertRefused(400, "invalid signal: NOPE", create("", body("\"StopSignal\":\"NOPE\"")));
        assertRefused(400, "invalid environment variable: =x", create("", body("\"Env\":[\"=x\"]")));
        assertRefused(400, "Invalid value 5000, range for oom score adj is [-1000, 1000]", create("", host("\"OomScoreAdj\":5000")));
        assertRefused(400, "Duplicate mount point: /x", create("", host("\"Binds\":[\"/tmp:/x\",\"/var:/x\"]")));
        assertRefused(400, "invalid CapAdd: unknown capability: \"CAP_FLYING\"", create("", host("\"CapAdd\":[\"flying\"]")));
    }

    @Test
    void portsThatTheHostsNetworkCannotPublishAreDroppedWithAWarning() {
        RawHttp.Answer created = create("", host("\"NetworkMode\":\"host\",\"PortBindings\":{\"80/tcp\":[{\"HostPort\":\"\"}]}"));
        assertEquals(201, created.status(), created::text);
        assertEquals("Published ports are discarded when using host network mode", json(created).at("/Warnings/0").asText());
    }

    @Test
    void aMissingSourceOfMountIsNamed() {
        RawHttp.Answer answer = create("", host("\"Mounts\":[{\"Type\":\"bind\",\"Source\":\"/not/there\",\"Target\":\"/x\"}]"));
        assertRefused(400, "invalid mount config for type \"bind\": bind source path does not exist: /not/there", answer);
    }

    @Test
    void aCommandThatIsNotThereFailsTheStartAndLeavesTheContainerStartable() {
        String id = json(create("", body("\"Cmd\":[\"no-such-command\"]"))).get("Id").asText();
        for (int i = 0; i < 2; i++) {
            RawHttp.Answer start = engine.request("POST", "/v1.51/containers/" + id + "/start", "");
            assertRefused(400, "no-such-command", start);
            assertEquals("created 127", inspect(id, ".State.Status}} {{.State.ExitCode"));
        }
    }

    @Test
    void anUnknownContainerIsNotFoundByEveryOperation() {
        for (String operation : List.of("GET json", "GET top", "GET logs?stdout=1", "POST start", "POST stop", "POST restart", "POST kill", "POST wait",
                "POST resize?h=1&w=1")) {
            String[] words = operation.split(" ");
            assertRefused(404, "No such container: nobody", engine.request(words[0], "/v1.51/containers/nobody/" + words[1], ""));
        }
        assertRefused(404, "No such container: nobody", engine.request("DELETE", "/v1.51/containers/nobody", ""));
        RawHttp.Answer attach = engine.request("POST", "/v1.51/containers/nobody/attach?stream=1", "");
        assertEquals(404, attach.status());
        assertEquals("No such container: nobody", attach.text().strip(), "plain text, from an operation that becomes a raw stream");
    }

    @Test
    void aTakenPortFailsTheStart() {
        run("-d", "-p", "47811:80", IMAGE, "sleep", "1000").succeeded();
        Commands.Result second = run("-d", "-p", "47811:80", IMAGE, "sleep", "1000");
        assertFails(125, "port is already allocated", second);
    }

    @Test
    void optionsThatAreNotBuiltYetAreRefusedByName() {
        engine.requireBerth("what this engine does not do yet");
        for (List<String> option : List.of(List.of("--device", "/dev/null:/dev/x"), List.of("--pid", "host"), List.of("--ipc", "host"),
                List.of("--blkio-weight", "10"), List.of("--log-driver", "syslog"), List.of("--runtime", "other"))) {
            Commands.Result result = run(Stream.concat(option.stream(), Stream.of(IMAGE, "true")).toArray(String[]::new));
            assertEquals(125, result.code(), result::toString);
            assertTrue(result.err().contains("not supported by this version of berth"), result::toString);
        }
    }

    /** The reference makes empty texts of them, which mostly make no sense; it crashes over one of the objects. */
    @ParameterizedTest
    @ValueSource(strings = {"\"Env\":[null]", "\"HostConfig\":{\"Binds\":[null]}", "\"HostConfig\":{\"Mounts\":[null]}",
        "\"HostConfig\":{\"VolumesFrom\":[null]}", "\"HostConfig\":{\"CapAdd\":[null]}", "\"HostConfig\":{\"ExtraHosts\":[null]}"})
    void aNullInAListIsNoFailureOfTheEngine(String field) {
        RawHttp.Answer answer = create("", "{\"Image\":\"" + IMAGE + "\",\"Cmd\":[\"true\"]," + field + "}");
        assertTrue(answer.status() == 400 || engine.isReference() && answer.status() == 500 && field.contains("Binds"), answer::toString);
    }

    /** The reference lets them through; what then runs has lost the end of its words. */
    @Test
    void aNulInAWordIsRefused() {
        engine.requireBerth("refuses it");
        assertRefused(400, "a word of the command has a NUL byte in it", create("", body("\"Cmd\":[\"echo\",\"a\\u0000b\"]")));
        assertRefused(400, "a word of the environment has a NUL byte in it", create("", body("\"Env\":[\"A=\\u0000\"]")));
        String id = runDetached(IMAGE, "sleep", "1000");
        assertRefused(400, "a word of the command has a NUL byte in it",
                engine.request("POST", "/v1.51/containers/" + id + "/exec", "{\"Cmd\":[\"\\u0000\"]}"));
    }

    private static RawHttp.Answer create(String query, String json) {
        return engine.request("POST", "/v1.51/containers/create" + query, json);
    }

    private static String body(String more) {
        return "{\"Image\":\"" + IMAGE + "\",\"Labels\":{\"" + MARK + "\":\"\"}" + (more.isEmpty() ? "" : ",") + more + "}";
    }

    private static String host(String more) {
        return body("\"HostConfig\":{" + more + "}");
    }

    private static void assertRefused(int status, String message, RawHttp.Answer answer) {
        assertEquals(status, answer.status(), answer::text);
        assertTrue(message(answer).contains(message), answer::text);
    }

    @Test
    void aSignalThatIsNoneIsRefusedAndSaysForWhat() {
        String id = runDetached("--name", "berth-test-signals", IMAGE, "sleep", "1000");
        for (String name : List.of("berth-test-signals", "nobody")) {
            for (String signal : List.of("NOPE", "0", "RTMIN%2B99")) {
                assertRefused(400, "cannot kill container: " + name + ": invalid signal: " + signal.replace("%2B", "+"), kill(name, signal));
            }
            assertRefused(400, "cannot kill container: " + name + ": the linux daemon does not support signal 99", kill(name, "99"));
            assertRefused(400, "cannot kill container: " + name + ": the linux daemon does not support signal -1", kill(name, "-1"));
        }
        assertRefused(404, "cannot kill container: nobody: No such container: nobody", kill("nobody", "KILL"));
        assertRefused(engine.isReference() ? 500 : 400, "cannot stop container: berth-test-signals: invalid signal: NOPE",
                engine.request("POST", "/v1.51/containers/berth-test-signals/stop?signal=NOPE", ""));
        docker("kill", id).succeeded();
        awaitState(id, "exited");
        assertRefused(409, "cannot kill container: berth-test-signals: container " + id + " is not running", kill("berth-test-signals", "KILL"));
        assertEquals(304, engine.request("POST", "/v1.51/containers/" + id + "/stop?signal=NOPE", "").status());
    }

    private static RawHttp.Answer kill(String container, String signal) {
        return engine.request("POST", "/v1.51/containers/" + container + "/kill?signal=" + signal, "");
    }

    @Test
    void aTerminalsSizeIsCheckedAndWithoutATerminalNothingHappens() {
        String id = runDetached(IMAGE, "sleep", "1000");
        for (String place : List.of("/v1.51/containers/" + id, "/v1.51/containers/nobody", "/v1.51/exec/nobody")) {
            assertRefused(400, "invalid resize height \"\": invalid syntax", engine.request("POST", place + "/resize", ""));
            assertRefused(400, "invalid resize height \"+1\": invalid syntax", engine.request("POST", place + "/resize?h=%2B1&w=1", ""));
            assertRefused(400, "invalid resize height \"-1\": value out of range", engine.request("POST", place + "/resize?h=-1&w=1", ""));
            assertRefused(400, "invalid resize width \"4294967296\": value out of range",
                    engine.request("POST", place + "/resize?h=1&w=4294967296", ""));
        }
        assertEquals(200, engine.request("POST", "/v1.51/containers/" + id + "/resize?h=4294967295&w=1", "").status());
    }

    @Test
    void whatIsMissingIsAskedForBeforeTheContainer() {
        assertRefused(400, "Neither old nor new names may be empty", engine.request("POST", "/v1.51/containers/nobody/rename", ""));
        String id = docker(marked("create", IMAGE, "true")).succeeded().strip();
        assertRefused(400, "Error when allocating new name: Invalid container name (/), only",
                engine.request("POST", "/v1.51/containers/" + id + "/rename?name=/", ""));
        for (String container : List.of("nobody", id)) {
            assertRefused(400, "starting container with non-empty request body was deprecated since API v1.22 and removed in v1.24",
                    engine.request("POST", "/v1.51/containers/" + container + "/start", "{\"Image\":\"x\"}"));
        }
        assertEquals(204, engine.request("POST", "/v1.51/containers/" + id + "/start", "{}").status());
    }

    @Test
    void aBodyOfNullHasNothingInIt() {
        assertRefused(400, "config cannot be empty in order to create a container", create("", "null"));
        assertRefused(400, "No exec command specified", engine.request("POST", "/v1.51/containers/nobody/exec", "null"));
        assertRefused(404, "No such container: nobody", engine.request("POST", "/v1.51/containers/nobody/update", "null"));
        assertRefused(400, "invalid JSON: got EOF while reading request body", engine.request("POST", "/v1.51/containers/nobody/update", " "));
    }
}
