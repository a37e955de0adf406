package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Names that change, and containers that are cleared away. */
class RenameAndPruneTest extends ContainerTest {

    @Test
    void aContainerAnswersToItsNewNameAndNoMoreToItsOld() {
        Instant since = Instant.now();
        String id = runDetached("--name", "berth-test-old", IMAGE, "sleep", "1000");
        docker("rename", "berth-test-old", "berth-test-new").succeeded();
        assertEquals("/berth-test-new", inspect(id, ".Name"));
        assertEquals(id, inspect("berth-test-new", ".Id"));
        assertFails(1, "No such container: berth-test-old", docker("container", "inspect", "berth-test-old"));
        assertEquals("/berth-test-old berth-test-new\n", docker("events", "--since", since.toString(), "--until", Instant.now().toString(),
                "--filter", "container=" + id, "--filter", "event=rename", "--format", "{{.Actor.Attributes.oldName}} {{.Actor.Attributes.name}}").succeeded());
        String second = docker(marked("create", "--name", "berth-test-old", IMAGE, "true")).succeeded().strip();
        assertEquals(second, inspect("berth-test-old", ".Id"));
    }

    @Test
    void aNameThatCannotBeGivenIsRefusedInTheReferencesWords() {
        String id = docker(marked("create", "--name", "berth-test-one", IMAGE, "true")).succeeded().strip();
        String other = docker(marked("create", "--name", "berth-test-two", IMAGE, "true")).succeeded().strip();
        refused(id, "", 400, "Neither old nor new names may be empty");
        refused(id, "berth-test-one", 400, "Renaming a container with the same name as its current name");
        refused(id, "a b", 400, "Error when allocating new name: Invalid container name (/a b), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed");
        refused(id, "/", 400, "Error when allocating new name: Invalid container name (/), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed");
        refused(id, "x", 400, "Error when allocating new name: Invalid container name (/x), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed");
        refused(id, "berth-test-two", 409, "Error when allocating new name: Conflict. The container name \"/berth-test-two\" is already in use by container \""
                + other + "\". You have to remove (or rename) that container to be able to reuse that name.");
        refused("berth-test-none", "y1", 404, "No such container: berth-test-none");
        assertEquals("/berth-test-one", inspect(id, ".Name"));
    }

    private static void refused(String container, String name, int status, String message) {
        RawHttp.Answer answer = engine.request("POST", "/v1.51/containers/" + container + "/rename?name=" + encoded(name), "");
        assertEquals(status, answer.status(), answer::text);
        assertEquals(message, message(answer));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    @Test
    void pruneRemovesWhatTheFiltersMeanAndTellsWhatWasWon() {
        String written = runDetached("--label", "berth.prune=a", IMAGE, "sh", "-c", "dd if=/dev/zero of=/tmp/x bs=1024 count=100");
        docker("wait", written).succeeded();
        String created = docker(marked("create", "--label", "berth.prune=a", IMAGE, "true")).succeeded().strip();
        String other = docker(marked("create", "--label", "berth.prune=b", IMAGE, "true")).succeeded().strip();
        String running = runDetached("--label", "berth.prune=a", IMAGE, "sleep", "1000");
        assertEquals(400, prune("{\"colour\":[\"red\"]}").status());
        assertEquals("failed to parse value as time or duration: \"soon\"", message(prune("{\"until\":[\"soon\"]}")));
        assertEquals("more than one until filter specified", message(prune("{\"until\":[\"1h\",\"2h\"]}")));
        JsonNode none = json(prune("{\"label\":[\"berth.prune\"],\"until\":[\"100h\"]}"));
        assertTrue(none.get("ContainersDeleted").isNull());
        JsonNode answer = json(prune("{\"label\":[\"berth.prune=a\"]}"));
        assertEquals(created + " " + written, answer.get("ContainersDeleted").get(0).asText() + " " + answer.get("ContainersDeleted").get(1).asText());
        assertEquals(2, answer.get("ContainersDeleted").size());
        assertEquals(102_400, answer.get("SpaceReclaimed").asLong());
        assertEquals("running", inspect(running, ".State.Status"));
        assertEquals("created", inspect(other, ".State.Status"));
        String out = docker("container", "prune", "-f", "--filter", "label!=berth.prune=a", "--filter", "label=berth.prune").succeeded();
        assertTrue(out.contains(other), out);
    }

    private static RawHttp.Answer prune(String filters) {
        return engine.request("POST", "/v1.51/containers/prune?filters=" + encoded(filters), "");
    }
}
