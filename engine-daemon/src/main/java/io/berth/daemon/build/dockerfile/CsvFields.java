package io.berth.daemon.build.dockerfile;

import java.util.ArrayList;
import java.util.List;

/** Fields between commas, of which some may be quoted: the value of {@code --mount} and {@code --device}. */
final class CsvFields {

    private CsvFields() {
    }

    /** @param what of which flag, for the message */
    static List<String> of(String line, String what) {
        if (line.isEmpty()) {
            throw failure(what, "EOF");
        }
        List<String> fields = new ArrayList<>();
        int at = 0;
        while (true) {
            if (at < line.length() && line.charAt(at) == '"') {
                StringBuilder field = new StringBuilder();
                at = quoted(line, at + 1, field, what);
                fields.add(field.toString());
            } else {
                int comma = line.indexOf(',', at);
                String field = line.substring(at, comma < 0 ? line.length() : comma);
                if (field.indexOf('"') >= 0) {
                    throw failure(what, "parse error on line 1, column " + (at + field.indexOf('"') + 1) + ": bare \" in non-quoted-field");
                }
                fields.add(field);
                at += field.length();
            }
            if (at == line.length()) {
                return fields;
            }
            at++;
        }
    }

    /** @return the comma behind the field, or the end */
    private static int quoted(String line, int start, StringBuilder field, String what) {
        for (int at = start; at < line.length(); at++) {
            if (line.charAt(at) != '"') {
                field.append(line.charAt(at));
            } else if (line.startsWith("\"\"", at)) {
                field.append('"');
                at++;
            } else if (at + 1 == line.length() || line.charAt(at + 1) == ',') {
                return at + 1;
            } else {
                throw failure(what, "parse error on line 1, column " + (at + 1) + ": extraneous or missing \" in quoted-field");
            }
        }
        throw failure(what, "parse error on line 1, column " + (line.length() + 1) + ": extraneous or missing \" in quoted-field");
    }

    private static DockerfileException failure(String what, String why) {
        return new DockerfileException("failed to parse csv " + what + ": " + why, List.of());
    }
}
