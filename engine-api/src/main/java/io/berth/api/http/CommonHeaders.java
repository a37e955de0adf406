package io.berth.api.http;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.TreeMap;

/** The headers that every response carries, made once a second. */
final class CommonHeaders {
    private final String fixed;
    private volatile Dated dated = new Dated(-1, "");

    CommonHeaders(ServerOptions options) {
        Map<String, String> headers = new TreeMap<>(options.headers());
        headers.put("Api-Version", options.maximum().toString());
        StringBuilder lines = new StringBuilder();
        headers.forEach((name, value) -> {
            ResponseHead.requireOneLine(name, value);
            lines.append(name).append(": ").append(value).append("\r\n");
        });
        fixed = lines.toString();
    }

    String lines() {
        Instant now = Instant.now();
        Dated last = dated;
        if (last.second != now.getEpochSecond()) {
            String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(now.atOffset(ZoneOffset.UTC));
            last = new Dated(now.getEpochSecond(), fixed + "Date: " + date + "\r\n");
            dated = last;
        }
        return last.lines;
    }

    private record Dated(long second, String lines) {
    }
}
