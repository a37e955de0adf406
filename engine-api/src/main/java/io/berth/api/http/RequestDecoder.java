package io.berth.api.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.List;

/**
 * Parses one request and then stops until it is told to go on. So what follows a request stays bytes: they may be the next request,
 * or, after a switch of protocols, no HTTP at all. Removing the decoder sends them down the pipeline.
 */
final class RequestDecoder extends HttpRequestDecoder {
    private ChannelHandlerContext context;
    private boolean open = true;
    private boolean begun;
    private boolean held;

    RequestDecoder(ServerOptions options) {
        super(new HttpDecoderConfig().setMaxInitialLineLength(options.maxHeadBytes()).setMaxHeaderSize(options.maxHeadBytes())
                .setMaxChunkSize(64 << 10).setInitialBufferSize(256));
    }

    /** Whether a part of the next head has arrived. */
    boolean begun() {
        return open && begun;
    }

    /** Whether bytes wait here that belong to what follows the present request. */
    boolean holdsBytes() {
        return held;
    }

    /** Goes on with the next request. Not to be called from within a read. */
    void next() throws Exception {
        open = true;
        begun = held;
        held = false;
        channelRead(context, Unpooled.EMPTY_BUFFER);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
        if (message instanceof ByteBuf bytes && bytes.isReadable()) {
            begun = open;
            held = !open;
        }
        super.channelRead(ctx, message);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf bytes, List<Object> out) throws Exception {
        if (!open) {
            return;
        }
        super.decode(ctx, bytes, out);
        if (!out.isEmpty() && out.getLast() instanceof LastHttpContent) {
            open = false;
            begun = false;
            held = bytes.isReadable();
        }
    }

    /** Without the superclass's habit of asking for more bytes whenever it made no message of the last ones. */
    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        discardSomeReadBytes();
        ctx.fireChannelReadComplete();
    }

    /** The superclass would throw away what it holds when the client closes its sending half. */
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
        if (event instanceof ChannelInputShutdownEvent) {
            ctx.fireUserEventTriggered(event);
        } else {
            super.userEventTriggered(ctx, event);
        }
    }
}
