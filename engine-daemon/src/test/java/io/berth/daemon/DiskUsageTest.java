package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** {@code docker system df}: what it says is what the disk says. */
class DiskUsageTest extends ImageTest {

    private static final byte[] GROUND = ImageArchive.tar(files("ground", 300, 10_000));

    private static Map<String, byte[]> files(String directory, int count, int size) {
        Map<String, byte[]> files = new HashMap<>();
        IntStream.range(0, count).forEach(i -> files.put(directory + '/' + i, new byte[size]));
        return files;
    }

    private static JsonNode usage(String query) {
        return answer(200, "GET", "/v1.51/system/df" + query);
    }

    private static JsonNode image(JsonNode usage, String id) {
        return StreamSupport.stream(usage.get("Images").spliterator(), false).filter(image -> image.get("Id").asText().equals(id)).findFirst().orElseThrow();
    }

    /** Bytes of the blocks below a directory. */
    private static long du(Path... directories) {
        long sum = 0;
        for (Path directory : directories) {
            sum += Long.parseLong(Commands.run("du", "-s", "-B1", directory.toString()).succeeded().split("\t")[0]);
        }
        return sum;
    }

    private static void assertNear(long expected, long found) {
        assertTrue(Math.abs(expected - found) <= expected / 100, () -> found + " bytes instead of " + expected);
    }

    @Test
    void layersTakeWhatDuSays() {
        engine.requireBerth("looks into its data root");
        String one = load(archive("du-a:1").layer(GROUND).file("one", new byte[2_000_000]));
        String two = load(archive("du-b:1").layer(GROUND).layer(ImageArchive.tar(files("two", 500, 100))));
        Path layers = engine.dataRoot().resolve("layers");
        Path blobs = engine.dataRoot().resolve("blobs");
        JsonNode usage = usage("");
        assertNear(du(layers, blobs), usage.get("LayersSize").asLong());
        long unique = 0;
        for (JsonNode image : usage.get("Images")) {
            unique += image.get("Size").asLong() - image.get("SharedSize").asLong();
        }
        assertEquals(image(usage, one).get("SharedSize"), image(usage, two).get("SharedSize"));
        assertNear(usage.get("LayersSize").asLong(), unique + image(usage, one).get("SharedSize").asLong());
        docker("rmi", "du-b:1").succeeded();
        Await.until("the layer's files to be gone", PATIENCE, () -> Commands.run("sh", "-c", "ls " + layers + " | grep -c remove-").out().strip().equals("0"),
                () -> Commands.run("ls", layers.toString()).out());
        assertNear(du(layers, blobs), usage("").get("LayersSize").asLong());
        engine.stop();
        engine.startDaemon();
        assertNear(du(layers, blobs), usage("").get("LayersSize").asLong());
    }

    @Test
    void containersAndVolumesHaveTheSizeOfTheirFiles() {
        String container = runDetached("--name", "du-writer", "-v", "du-volume:/data", IMAGE, "sh", "-c",
                "dd if=/dev/zero of=/written bs=1000 count=500; dd if=/dev/zero of=/data/kept bs=1000 count=300");
        docker("wait", container).succeeded();
        JsonNode usage = usage("");
        JsonNode seen = StreamSupport.stream(usage.get("Containers").spliterator(), false).filter(one -> one.get("Id").asText().equals(container)).findFirst()
                .orElseThrow();
        assertEquals(500_000, seen.get("SizeRw").asLong());
        assertEquals(500_000 + answer(200, "GET", "/v1.51/images/" + IMAGE + "/json").get("Size").asLong(), seen.get("SizeRootFs").asLong());
        JsonNode volume = StreamSupport.stream(usage.get("Volumes").spliterator(), false).filter(one -> one.get("Name").asText().equals("du-volume")).findFirst()
                .orElseThrow();
        assertEquals(300_000, volume.at("/UsageData/Size").asLong());
        assertEquals(1, volume.at("/UsageData/RefCount").asInt());
        docker("rm", "-f", container).succeeded();
        docker("volume", "rm", "du-volume").succeeded();
    }

    @Test
    void onlyWhatIsAskedForIsCounted() {
        Map<String, String> lists = Map.of("image", "Images", "container", "Containers", "volume", "Volumes", "build-cache", "BuildCache");
        lists.forEach((type, list) -> {
            JsonNode usage = usage("?type=" + type);
            lists.values().forEach(other -> assertEquals(other.equals(list), usage.get(other).isArray(), type + ' ' + other));
            assertEquals(type.equals("image"), usage.get("LayersSize").asLong() > 0);
        });
        assertTrue(usage("?type=image&type=volume").get("Volumes").isArray());
        assertTrue(answer(200, "GET", "/v1.41/system/df?type=x").get("Images").isArray(), "1.41 did not know types");
        assertTrue(answer(200, "GET", "/v1.43/system/df").get("Images").get(0).has("VirtualSize"));
        for (String type : List.of("x", "", "image,volume")) {
            refused(400, "unknown object type: " + type, "GET", "/v1.51/system/df?type=" + type);
        }
    }

    @Test
    void theCliShowsItAll() {
        String brief = docker("system", "df").succeeded();
        for (String row : List.of("Images", "Containers", "Local Volumes", "Build Cache")) {
            assertTrue(brief.contains(row), brief);
        }
        assertTrue(docker("system", "df", "-v").succeeded().contains("UNIQUE SIZE"));
    }
}
