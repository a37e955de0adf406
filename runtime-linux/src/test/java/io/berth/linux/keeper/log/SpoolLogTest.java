package io.berth.linux.keeper.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The driver {@code local}. */
class SpoolLogTest extends LogContract {

    @Override
    LogOptions options(long segmentBytes, int segments) {
        return new LogOptions(directory.toString(), segmentBytes, segments);
    }

    @Override
    LogReader reader() {
        return new LogReader(kernel, directory.toString());
    }

    @Test
    void aTornEndIsLeftOutByReadersAndFollowedByANewSegment() throws IOException {
        append(1, "whole\n".getBytes(StandardCharsets.UTF_8));
        append(1, "torn\n".getBytes(StandardCharsets.UTF_8));
        log.close();
        Path segment = directory.resolve("1.log");
        byte[] whole = Files.readAllBytes(segment);
        for (int lost = 1; lost < 37; lost++) {
            Files.write(segment, Arrays.copyOf(whole, whole.length - lost));
            assertEquals(List.of("whole\n"), bytesOf(read(LogQuery.all())), lost + " bytes lost");
            assertEquals(List.of("whole\n"), bytesOf(read(LogQuery.all().withTail(1))), lost + " bytes lost");
        }
        openLog();
        append(1, "after\n".getBytes(StandardCharsets.UTF_8));
        assertEquals(List.of("whole\n", "after\n"), bytesOf(read(LogQuery.all())));
        assertEquals(List.of("whole\n", "after\n"), bytesOf(read(LogQuery.all().withTail(2))));
        assertTrue(Files.exists(directory.resolve("2.log")));
    }

    @Test
    void bytesLostToThePowerAreFoundByTheirChecksum() throws IOException {
        append(1, "first\n".getBytes(StandardCharsets.UTF_8));
        append(1, "second\n".getBytes(StandardCharsets.UTF_8));
        try (FileChannel file = FileChannel.open(directory.resolve("1.log"), StandardOpenOption.WRITE)) {
            file.write(java.nio.ByteBuffer.allocate(3), file.size() - 8);
        }
        assertEquals(List.of("first\n"), bytesOf(read(LogQuery.all())));
    }
}
