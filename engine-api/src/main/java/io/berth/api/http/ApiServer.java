package io.berth.api.http;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * An HTTP/1.1 server on Unix sockets and TCP for blocking handlers. One event loop thread moves the bytes of all connections; each
 * request is handled on a virtual thread.
 */
public final class ApiServer implements AutoCloseable {
    /** How long a client may take to receive the end of its last response. */
    private static final Duration LAST_BYTES = Duration.ofSeconds(1);
    private static final Duration DEFAULT_DEADLINE = Duration.ofSeconds(5);

    private final ServerOptions options;
    private final CommonHeaders commonHeaders;
    private final Dispatcher dispatcher;
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private final List<Channel> listeners = new ArrayList<>();
    private final EventLoopGroup loop;
    private volatile boolean closing;

    private ApiServer(Router router, ServerOptions options, Executor threads) {
        this.options = options;
        commonHeaders = new CommonHeaders(options);
        dispatcher = new Dispatcher(router, options, threads);
        loop = new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("api-io", true), LastingEpollHandler.factory());
    }

    /**
     * Starts to listen on all endpoints, or on none.
     *
     * @param threads runs the handlers that do not wait long ({@link Router#add}), platform threads for what calls the kernel
     * @throws IOException when one cannot be listened on; the message names it and says what to do
     */
    public static ApiServer start(List<Endpoint> endpoints, ServerOptions options, Router router, Executor threads) throws IOException {
        ApiServer server = new ApiServer(router, options, threads);
        try {
            for (Endpoint endpoint : endpoints) {
                server.listen(endpoint);
            }
            return server;
        } catch (IOException | RuntimeException failure) {
            server.close(Duration.ZERO);
            throw failure;
        }
    }

    private void listen(Endpoint endpoint) throws IOException {
        switch (endpoint) {
            case Endpoint.Unix unix -> {
                UnixSocketFile file = new UnixSocketFile(unix.path());
                file.prepare();
                listeners.add(bind(endpoint, new DomainSocketAddress(unix.path().toFile())));
                file.protect(unix.group());
            }
            case Endpoint.Tcp tcp -> listeners.add(bind(endpoint, new InetSocketAddress(tcp.host(), tcp.port())));
        }
    }

    private Channel bind(Endpoint endpoint, SocketAddress address) throws IOException {
        ServerBootstrap bootstrap = new ServerBootstrap().group(loop)
                .option(ChannelOption.SO_BACKLOG, 1024)
                .childOption(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childOption(ChannelOption.ALLOCATOR, Buffers.ALLOCATOR)
                .childOption(ChannelOption.RECVBUF_ALLOCATOR, new AdaptiveRecvByteBufAllocator(512, 2048, 64 << 10).maxMessagesPerRead(1))
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(32 << 10, 64 << 10))
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        RequestDecoder decoder = new RequestDecoder(options);
                        channel.pipeline().addLast(decoder, new Connection(ApiServer.this, decoder));
                    }
                });
        if (endpoint instanceof Endpoint.Unix) {
            bootstrap.channel(EpollServerDomainSocketChannel.class);
        } else {
            bootstrap.channel(EpollServerSocketChannel.class).option(ChannelOption.SO_REUSEADDR, true)
                    .childOption(ChannelOption.TCP_NODELAY, true).childOption(ChannelOption.SO_KEEPALIVE, true);
        }
        ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException("listen on " + endpoint + ": " + bound.cause().getMessage(), bound.cause());
        }
        return bound.channel();
    }

    /** Where the server listens, in the order of the endpoints; a TCP port of 0 has become the real one. */
    public List<Endpoint> addresses() {
        return listeners.stream().map(Channel::localAddress).<Endpoint>map(address -> switch (address) {
            case DomainSocketAddress unix -> new Endpoint.Unix(Path.of(unix.path()), -1);
            case InetSocketAddress tcp -> new Endpoint.Tcp(tcp.getHostString(), tcp.getPort());
            default -> throw new IllegalStateException("unexpected address " + address);
        }).toList();
    }

    /** As {@link #close(Duration)} with five seconds. */
    @Override
    public void close() {
        close(DEFAULT_DEADLINE);
    }

    /**
     * Stops in order: no new connections; idle ones closed, and waits for something to happen ended; running exchanges may finish
     * until the deadline; then everything is closed. Sockets that were handed over stay untouched.
     */
    public void close(Duration deadline) {
        closing = true;
        listeners.forEach(listener -> listener.close().awaitUninterruptibly());
        connections.forEach(Connection::closeIfIdle);
        try {
            dispatcher.awaitIdle(deadline);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        List<ChannelFuture> last = connections.stream().map(Connection::closeWhenSent).toList();
        long patience = System.nanoTime() + LAST_BYTES.toNanos();
        last.forEach(closed -> closed.awaitUninterruptibly(Math.max(0, patience - System.nanoTime()), TimeUnit.NANOSECONDS));
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    ServerOptions options() {
        return options;
    }

    CommonHeaders commonHeaders() {
        return commonHeaders;
    }

    Dispatcher dispatcher() {
        return dispatcher;
    }

    boolean isClosing() {
        return closing;
    }

    /** False when the server closes. */
    boolean opened(Connection connection) {
        connections.add(connection);
        return !closing;
    }

    void closed(Connection connection) {
        connections.remove(connection);
    }
}
