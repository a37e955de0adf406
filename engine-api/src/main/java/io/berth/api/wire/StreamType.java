package io.berth.api.wire;

/** The stream a frame belongs to; the ordinal is its number on the wire. */
public enum StreamType {
    STDIN, STDOUT, STDERR, SYSTEM
}
