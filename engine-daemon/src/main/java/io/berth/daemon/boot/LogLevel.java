package io.berth.daemon.boot;

import java.util.Locale;

/** How much the daemon logs. */
public enum LogLevel {
    DEBUG, INFO, WARN, ERROR;

    static LogLevel parse(String text) {
        for (LogLevel level : values()) {
            if (level.name().toLowerCase(Locale.ROOT).equals(text)) {
                return level;
            }
        }
        throw new IllegalArgumentException("not one of debug, info, warn, error");
    }
}
