package io.berth.api.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.UnixChannel;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client connection: request after request, until it is hijacked or ends. All fields belong to the event loop. Reading is on
 * demand: between requests one read waits for the next one; during a body reads go on while the handler takes them; afterwards one
 * read waits to notice that the client has gone, which holds at most one buffer of the next request.
 */
final class Connection extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);
    /** How much of a body that nobody wanted is read, to keep the connection. */
    private static final int DRAIN_LIMIT = 256 << 10;
    /** How long a closed connection goes on reading, so that the kernel does not reset it before the client has read the answer. */
    private static final int LINGER_SECONDS = 2;

    private enum Phase { HEAD, EXCHANGE, DRAIN, RAW, LINGER, GONE }

    private final ApiServer server;
    private final RequestDecoder decoder;
    private Channel channel;
    private Outbound outbound;
    private Phase phase = Phase.HEAD;
    private HttpExchange exchange;
    private Inbound inbound;
    private boolean bodyComplete;
    private boolean inputShut;
    private int drained;
    private Future<?> timer;

    Connection(ApiServer server, RequestDecoder decoder) {
        this.server = server;
        this.decoder = decoder;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        channel = ctx.channel();
        outbound = new Outbound(channel);
        if (server.opened(this)) {
            channel.read();
        } else {
            channel.close();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        switch (message) {
            case HttpRequest request when phase == Phase.HEAD -> begin(request);
            case HttpContent content when phase == Phase.EXCHANGE || phase == Phase.DRAIN -> body(content);
            case ByteBuf bytes when phase == Phase.RAW -> inbound.offer(bytes);
            default -> ReferenceCountUtil.release(message);
        }
    }

    private void begin(HttpRequest request) {
        stopTimer();
        if (request.decoderResult().isFailure()) {
            Throwable cause = request.decoderResult().cause();
            boolean tooLong = cause instanceof TooLongFrameException;
            refuse(tooLong ? (cause instanceof TooLongHttpHeaderException ? 431 : 414) : 400,
                    tooLong ? "the head of the request is larger than " + server.options().maxHeadBytes() + " bytes"
                            : "malformed HTTP request");
        } else if (request.protocolVersion().majorVersion() != 1) {
            refuse(505, "unsupported protocol version " + request.protocolVersion().text());
        } else if (request.headers().size() > server.options().maxHeaders()) {
            refuse(431, "the request has more than " + server.options().maxHeaders() + " headers");
        } else {
            phase = Phase.EXCHANGE;
            bodyComplete = false;
            HttpExchange started = new HttpExchange(this, outbound, request, server);
            exchange = started;
            inbound = started.inbound();
            server.dispatcher().start(started);
        }
    }

    private void refuse(int status, String message) {
        phase = Phase.LINGER;
        byte[] head = ErrorBody.response(status, message, server.commonHeaders());
        channel.writeAndFlush(Unpooled.wrappedBuffer(head), channel.voidPromise());
        linger();
    }

    private void body(HttpContent content) {
        if (content.decoderResult().isFailure()) {
            content.release();
            inbound.fail(new IOException("malformed body: " + content.decoderResult().cause().getMessage()));
            exchange.closeAfterResponse();
            return;
        }
        if (phase == Phase.DRAIN) {
            drained += content.content().readableBytes();
        }
        inbound.offer(content.content());
        if (content instanceof LastHttpContent) {
            bodyComplete = true;
            inbound.end();
            if (phase == Phase.DRAIN) {
                channel.eventLoop().execute(this::next);
            }
        } else if (drained > DRAIN_LIMIT) {
            linger();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        goOn();
    }

    private void goOn() {
        if (phase == Phase.HEAD && decoder.begun() && timer == null) {
            timer = channel.eventLoop().schedule(this::cut, server.options().headTimeout().toMillis(), TimeUnit.MILLISECONDS);
        }
        if (wantsBytes()) {
            channel.read();
        }
    }

    private boolean wantsBytes() {
        return !inputShut && switch (phase) {
            case HEAD, DRAIN, LINGER -> true;
            case EXCHANGE -> bodyComplete ? !decoder.holdsBytes() : inbound.hasRoom();
            case RAW -> inbound.hasRoom();
            case GONE -> false;
        };
    }

    private void cut() {
        LOG.debug("{}: no complete request head in {}", channel.remoteAddress(), server.options().headTimeout());
        channel.close();
    }

    private void stopTimer() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    /** Called by readers: the handler would like more bytes. */
    void readMore() {
        channel.eventLoop().execute(() -> {
            if (wantsBytes()) {
                channel.read();
            }
        });
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (!(event instanceof ChannelInputShutdownEvent)) {
            return;
        }
        inputShut = true;
        inputEnded();
    }

    private void inputEnded() {
        switch (phase) {
            case HEAD, DRAIN, LINGER -> channel.close();
            case EXCHANGE -> {
                // Without effect on a body that is complete.
                inbound.fail(new ClientGoneException("read the request: the client closed the connection in the middle of its body"));
                exchange.clientGone();
            }
            case RAW -> inbound.end();
            case GONE -> { }
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        Phase last = phase;
        phase = Phase.GONE;
        stopTimer();
        server.closed(this);
        if (last == Phase.RAW) {
            inbound.end();
        } else if (exchange != null) {
            inbound.fail(new ClientGoneException("read the request: the client has closed the connection"));
            exchange.clientGone();
        }
        outbound.wake();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        outbound.wake();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable failure) {
        if (failure instanceof IOException) {
            LOG.debug("connection ends: {}", failure.toString());
        } else {
            LOG.error("connection ends by an error of the engine", failure);
        }
        ctx.close();
    }

    /** The response is complete; called from any thread. */
    void finish(HttpExchange finished, boolean keepAlive) {
        channel.eventLoop().execute(() -> {
            if (phase != Phase.EXCHANGE || exchange != finished) {
                return;
            }
            inbound.discard();
            if (!keepAlive || server.isClosing()) {
                linger();
            } else if (bodyComplete) {
                next();
            } else {
                phase = Phase.DRAIN;
                drained = 0;
                channel.read();
            }
        });
    }

    private void next() {
        phase = Phase.HEAD;
        exchange = null;
        try {
            decoder.next();
        } catch (Exception failure) {
            exceptionCaught(channel.pipeline().lastContext(), failure);
        }
        if (inputShut) {
            inputEnded();
        } else {
            goOn();
        }
    }

    /** Closes in such a way that the client gets everything we sent: our half first, the rest when the client has closed too. */
    void linger() {
        phase = Phase.LINGER;
        stopTimer();
        if (inbound != null) {
            inbound.discard();
        }
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener((ChannelFutureListener) sent -> {
            if (!sent.isSuccess() || inputShut || !channel.isActive()) {
                channel.close();
                return;
            }
            ((DuplexChannel) channel).shutdownOutput();
            timer = channel.eventLoop().schedule(() -> { channel.close(); }, LINGER_SECONDS, TimeUnit.SECONDS);
            channel.read();
        });
    }

    /** Ends the connection at once, so that the client sees that its response is not complete; called from any thread. */
    void abort() {
        channel.close();
    }

    /** Closes once what was written has gone out, which a flush that is waiting for the socket may delay; from any thread. */
    ChannelFuture closeWhenSent() {
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        return channel.closeFuture();
    }

    /** Ends the connection if no request is under way; called from any thread. */
    void closeIfIdle() {
        channel.eventLoop().execute(() -> {
            if (phase == Phase.HEAD || phase == Phase.LINGER) {
                channel.close();
            } else if (exchange != null) {
                exchange.serverCloses();
            }
        });
    }

    /** Leaves HTTP: what the client sends from now on goes to the stream. */
    HijackedConnection toRaw(HttpExchange owner, byte[] head) throws IOException {
        Inbound raw = new Inbound(this::readMore, () -> { });
        EventLoopCall.run(channel.eventLoop(), () -> {
            if (phase != Phase.EXCHANGE || exchange != owner) {
                throw new ClientGoneException("switch to a raw stream: the client has closed the connection");
            }
            if (!bodyComplete) {
                throw ApiException.invalid("switch to a raw stream: the request must not have an unread body");
            }
            phase = Phase.RAW;
            inbound = raw;
            channel.pipeline().remove(decoder);
            if (inputShut) {
                raw.end();
            }
            channel.writeAndFlush(Unpooled.wrappedBuffer(head), channel.voidPromise());
            channel.read();
            return null;
        });
        return new HijackedConnection(this, raw, outbound);
    }

    /** Takes the socket out of the event loop and forgets it, without closing it. */
    SocketHandover release() throws IOException {
        CompletableFuture<SocketHandover> released = new CompletableFuture<>();
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener((ChannelFutureListener) sent -> {
            if (!sent.isSuccess() || phase != Phase.RAW) {
                released.completeExceptionally(new ClientGoneException("hand over a connection: the client has closed it"));
                return;
            }
            // Runs later in this loop; reads that come before it still go into the queue, none comes after it.
            channel.deregister().addListener((ChannelFutureListener) out -> {
                phase = Phase.GONE;
                server.closed(this);
                released.complete(new SocketHandover(((UnixChannel) channel).fd().intValue(), inbound.takeAll()));
            });
        });
        return EventLoopCall.await(released);
    }

    /** Closes our half of a raw stream after what was written. */
    void closeOutput() {
        ChannelPromise sent = channel.newPromise();
        sent.addListener((ChannelFutureListener) done -> {
            if (done.isSuccess() && channel.isActive()) {
                ((DuplexChannel) channel).shutdownOutput();
            }
        });
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER, sent);
    }

    /** Ends a raw stream after what was written. */
    void closeRaw() {
        channel.eventLoop().execute(() -> {
            if (phase == Phase.RAW) {
                linger();
            }
        });
    }
}
