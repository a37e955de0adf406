package io.berth.linux.security;

/** A capability was named that no kernel has. The message is the reference engine's, which clients show as it is. */
public final class UnknownCapabilityException extends IllegalArgumentException {

    UnknownCapabilityException(String name) {
        super("unknown capability: \"" + name + '"');
    }

    private UnknownCapabilityException(String option, UnknownCapabilityException cause) {
        super("invalid " + option + ": " + cause.getMessage(), cause);
    }

    /** The same failure with the option that held the name in front. */
    UnknownCapabilityException in(String option) {
        return new UnknownCapabilityException(option, this);
    }
}
