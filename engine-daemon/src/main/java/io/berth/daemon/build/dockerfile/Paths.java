package io.berth.daemon.build.dockerfile;

import java.util.ArrayDeque;
import java.util.Deque;

/** Paths inside an image or a context, as text: what they are on some machine is nobody's business here. Go's {@code path} has the rules. */
final class Paths {

    private Paths() {
    }

    /** The shortest that means the same; {@code .} for an empty one. */
    static String clean(String path) {
        boolean absolute = path.startsWith("/");
        Deque<String> parts = new ArrayDeque<>();
        for (String part : path.split("/")) {
            if (part.equals("..") && !parts.isEmpty() && !parts.getLast().equals("..")) {
                parts.removeLast();
            } else if (part.equals("..") ? !absolute : !part.isEmpty() && !part.equals(".")) {
                parts.addLast(part);
            }
        }
        String joined = String.join("/", parts);
        return absolute ? "/" + joined : joined.isEmpty() ? "." : joined;
    }

    static String join(String... parts) {
        StringBuilder joined = new StringBuilder();
        for (String part : parts) {
            if (!part.isEmpty()) {
                joined.append(joined.isEmpty() ? "" : "/").append(part);
            }
        }
        return joined.isEmpty() ? "" : clean(joined.toString());
    }

    /** The last part. */
    static String base(String path) {
        String clean = clean(path);
        return clean.equals("/") ? clean : clean.substring(clean.lastIndexOf('/') + 1);
    }
}
