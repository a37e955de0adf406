/**
 * An HTTP/1.1 server for blocking handlers, which knows nothing of containers.
 *
 * <p>{@link io.berth.api.http.ApiServer} listens; one event loop moves the bytes of all its connections. A
 * {@link io.berth.api.http.Handler} found by the {@link io.berth.api.http.Router} runs on a virtual thread and sees one
 * {@link io.berth.api.http.Exchange}: it reads and writes in blocking style, never faster than the client, and learns when the
 * client has gone. An exchange may become a {@link io.berth.api.http.HijackedStream}, and that a
 * {@link io.berth.api.http.SocketHandover}: the bare socket, for another process to go on with.
 */
package io.berth.api.http;
