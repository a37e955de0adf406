package io.berth.linux.keeper.log;

/**
 * A place between two records of a log: everything before it had been written at some moment, nothing behind it.
 *
 * @param file which file: a spool's segment by its number, a json-file by its inode; 0 for the log's beginning
 * @param offset in that file, in bytes
 */
public record LogPlace(long file, long offset) {

    public static final LogPlace BEGINNING = new LogPlace(0, 0);
}
