package io.berth.daemon.container;

import io.berth.linux.keeper.log.LogLine;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What {@code docker logs} shows before each line.
 *
 * @param time when it was written, with nine digits of the second
 * @param details the line's attributes, each as {@code name=value} in the encoding of URLs
 */
record LineHead(boolean time, boolean details) {

    private static final DateTimeFormatter TIMESTAMP = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSSSSS'Z' ")
            .withZone(ZoneOffset.UTC);

    /** The line with its head. */
    byte[] before(LogLine line) {
        if (!time && !details) {
            return line.bytes();
        }
        String shown = (time ? TIMESTAMP.format(Instant.ofEpochSecond(0, line.timeNanos())) : "") + (details ? attributes(line) + " " : "");
        byte[] head = shown.getBytes(StandardCharsets.US_ASCII);
        byte[] whole = Arrays.copyOf(head, head.length + line.bytes().length);
        System.arraycopy(line.bytes(), 0, whole, head.length, line.bytes().length);
        return whole;
    }

    private static String attributes(LogLine line) {
        return new TreeMap<>(line.attributes()).entrySet().stream().map(entry -> encoded(entry.getKey()) + "=" + encoded(entry.getValue()))
                .collect(Collectors.joining(","));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("*", "%2A").replace("%7E", "~");
    }
}
