package io.berth.daemon.boot;

/** The daemon cannot start as it was asked to; the message is what the operator reads. */
public class SettingsException extends RuntimeException {
    public SettingsException(String message) {
        super(message);
    }
}
