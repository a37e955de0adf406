package io.berth.linux.keeper.log;

/** Takes the lines of a log in order. May block; the log waits. */
public interface LogSink {

    void line(LogLine line);
}
