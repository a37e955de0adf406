package io.berth.linux.keeper;

import io.berth.linux.kernel.Fd;

/**
 * A client's stream socket and how it is connected.
 *
 * @param socket the client's own connection, or one end of a pair that the daemon relays
 * @param tag the daemon's name for it, repeated when it detaches
 * @param stdin whether its bytes go to the process
 * @param stdout whether it gets standard output, or the terminal's
 * @param stderr whether it gets standard error
 * @param framed whether output comes in frames of eight bytes head, {@code [stream,0,0,0,length]} with the length in big
 *     endian; false for a terminal
 * @param closeStdin whether the client's half-close closes the process's standard input; else it ends the attachment. A
 *     terminal is never closed by it
 * @param detachKeys the bytes that detach the client; empty for none
 * @param typed input of the client that the daemon has read already
 */
public record Attachment(Fd socket, long tag, boolean stdin, boolean stdout, boolean stderr, boolean framed,
        boolean closeStdin, byte[] detachKeys, byte[] typed) {
}
