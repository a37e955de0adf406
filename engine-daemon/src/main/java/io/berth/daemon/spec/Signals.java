package io.berth.daemon.spec;

import io.berth.api.http.ApiException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** Signals by name and number (signal(7)); the numbers are the same on x86-64 and aarch64. */
public final class Signals {

    public static final int SIGINT = 2;
    public static final int SIGQUIT = 3;
    public static final int SIGKILL = 9;
    public static final int SIGTERM = 15;
    private static final int SIGRTMIN = 34;
    private static final int SIGRTMAX = 64;

    private static final String[] NAMES = {"", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV",
            "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM",
            "PROF", "WINCH", "IO", "PWR", "SYS"};

    private static final Map<String, Integer> NUMBERS = index();

    private Signals() {
    }

    /** A number, or a name with or without SIG, in any case. */
    public static int parse(String signal) {
        String name = signal.toUpperCase(Locale.ROOT);
        Integer number = NUMBERS.get(name.startsWith("SIG") ? name.substring(3) : name);
        if (number != null) {
            return number;
        }
        if (!signal.matches("-?[0-9]{1,18}") || Long.parseLong(signal) == 0) {
            throw ApiException.invalid("invalid signal: " + signal);
        }
        long asked = Long.parseLong(signal);
        if (asked < 1 || asked > SIGRTMAX) {
            throw ApiException.invalid("the linux daemon does not support signal " + asked);
        }
        return (int) asked;
    }

    private static Map<String, Integer> index() {
        Map<String, Integer> numbers = new HashMap<>();
        for (int number = 1; number < NAMES.length; number++) {
            numbers.put(NAMES[number], number);
        }
        numbers.putAll(Map.of("IOT", 6, "CLD", 17, "POLL", 29, "RTMIN", SIGRTMIN, "RTMAX", SIGRTMAX));
        for (int above = 1; above <= 15; above++) {
            numbers.put("RTMIN+" + above, SIGRTMIN + above);
            numbers.put("RTMAX-" + above, SIGRTMAX - above);
        }
        return numbers;
    }
}
