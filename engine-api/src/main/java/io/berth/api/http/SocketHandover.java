package io.berth.api.http;

/**
 * A connection that was taken out of this server, after the head of the response went out completely.
 *
 * @param fd the number of the socket's file descriptor, close-on-exec and <em>non-blocking</em> ({@code O_NONBLOCK} belongs to the
 *           open file, so whoever gets a duplicate gets it too). It is the caller's from now on, who must close it once.
 * @param received the bytes that came from the client and were read already, in order; the first bytes of the stream
 */
public record SocketHandover(int fd, byte[] received) {
}
