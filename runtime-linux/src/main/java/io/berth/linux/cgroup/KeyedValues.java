package io.berth.linux.cgroup;

/** The form of many cgroup files: a key, a blank and a number on each line. */
final class KeyedValues {

    private KeyedValues() {
    }

    /** -1 when the key is missing, as in older kernels. */
    static long value(String text, String key) {
        return text.lines().filter(line -> line.startsWith(key + " ")).map(line -> Long.parseLong(line.substring(key.length() + 1)))
                .findFirst().orElse(-1L);
    }
}
