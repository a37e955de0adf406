package io.berth.api.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.ReentrantLock;

/** An exchange on a connection. The response belongs to the handler's thread. */
final class HttpExchange implements Exchange {
    private static final byte[] CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NOTHING = {};

    private enum Response { NONE, STREAMING, COMPLETE, HIJACKED }

    private final Connection connection;
    private final Outbound outbound;
    private final HttpRequest request;
    private final CommonHeaders common;
    private final Inbound inbound;
    private final Departure departure = new Departure();
    private final StringBuilder extraHeaders = new StringBuilder();
    private boolean continueExpected;
    private volatile boolean closeAfterResponse;
    private volatile Response response = Response.NONE;
    private StreamedBody streamed;
    private HijackedConnection hijacked;
    private RequestTarget target;
    private ApiVersion version;
    private Map<String, String> parameters;

    HttpExchange(Connection connection, Outbound outbound, HttpRequest request, ApiServer server) {
        this.connection = connection;
        this.outbound = outbound;
        this.request = request;
        this.common = server.commonHeaders();
        this.inbound = new Inbound(connection::readMore, this::sendContinue);
        this.continueExpected = HttpUtil.is100ContinueExpected(request);
        this.closeAfterResponse = !HttpUtil.isKeepAlive(request);
    }

    Inbound inbound() {
        return inbound;
    }

    /** As the client wrote it. */
    String uri() {
        return request.uri();
    }

    void route(RequestTarget routed, ApiVersion asked, Map<String, String> found) {
        target = routed;
        version = asked;
        parameters = found;
    }

    boolean begun() {
        return response != Response.NONE;
    }

    void closeAfterResponse() {
        closeAfterResponse = true;
    }

    void clientGone() {
        departure.happened();
    }

    void serverCloses() {
        departure.interruptWaits();
    }

    boolean isClientGone() {
        return departure.hasHappened();
    }

    @Override
    public String method() {
        return request.method().name();
    }

    @Override
    public String path() {
        return target.path();
    }

    @Override
    public ApiVersion version() {
        return version;
    }

    @Override
    public String parameter(String name) {
        String value = parameters.get(name);
        if (value == null) {
            throw new IllegalArgumentException("the route has no parameter " + name);
        }
        return value;
    }

    @Override
    public Query query() {
        return target.query();
    }

    @Override
    public Optional<String> header(String name) {
        return Optional.ofNullable(request.headers().get(name));
    }

    @Override
    public InputStream body() {
        return inbound;
    }

    @Override
    public <T> T json(Class<T> type) {
        return jsonIfAny(type).orElseThrow(() -> ApiException.invalid(JsonBody.NOTHING));
    }

    @Override
    public <T> Optional<T> jsonIfAny(Class<T> type) {
        try {
            return JsonBody.read(header("Content-Type").filter(value -> !value.isBlank()), inbound, type);
        } catch (IOException failure) {
            throw new ApiException(ApiException.Kind.INVALID, "read the request body: " + failure.getMessage(), failure);
        }
    }

    @Override
    public void setHeader(String name, String value) {
        ResponseHead.requireOneLine(name, value);
        extraHeaders.append(name).append(": ").append(value).append("\r\n");
    }

    @Override
    public void respond(int status) throws IOException {
        send(status, "", NOTHING);
    }

    @Override
    public void respond(int status, Object json) throws IOException {
        send(status, "application/json", ErrorBody.line(json));
    }

    @Override
    public void respondText(int status, String contentType, String text) throws IOException {
        send(status, contentType, text.getBytes(StandardCharsets.UTF_8));
    }

    private void send(int status, String contentType, byte[] body) throws IOException {
        begin(Response.COMPLETE);
        ResponseHead head = head(status, contentType);
        if (status != 204 && status != 304) {
            head.header("Content-Length", String.valueOf(body.length));
        }
        byte[] bytes = connectionHeader(head).bytes();
        boolean withBody = status != 304 && !isHead();
        ByteBuf buffer = outbound.buffer(bytes.length + (withBody ? body.length : 0)).writeBytes(bytes);
        outbound.write(withBody ? buffer.writeBytes(body) : buffer);
        finish();
    }

    @Override
    public OutputStream stream(int status, String contentType) throws IOException {
        if (status < 300) {
            // Whoever streams its answer reads the body meanwhile, and the client sends it only when asked first.
            sendContinue();
        }
        begin(Response.STREAMING);
        boolean chunked = request.protocolVersion().equals(HttpVersion.HTTP_1_1);
        ResponseHead head = head(status, contentType);
        if (chunked) {
            head.header("Transfer-Encoding", "chunked");
        } else {
            closeAfterResponse = true;
        }
        streamed = new StreamedBody(outbound, chunked, isHead(), () -> {
            response = Response.COMPLETE;
            finish();
        });
        write(connectionHeader(head).bytes());
        return streamed;
    }

    @Override
    public JsonLines jsonLines(String lineEnd) throws IOException {
        OutputStream out = stream(200, "application/json");
        ReentrantLock lock = new ReentrantLock();
        return new JsonLines() {
            @Override
            public void write(Object value) throws IOException {
                byte[] line = ErrorBody.line(value, lineEnd);
                lock.lock();
                try {
                    out.write(line);
                } finally {
                    lock.unlock();
                }
            }

            @Override
            public void close() throws IOException {
                out.close();
            }
        };
    }

    @Override
    public HijackedStream hijack(String contentType) throws IOException {
        begin(Response.HIJACKED);
        boolean upgrade = request.headers().containsValue(HttpHeaderNames.CONNECTION, "upgrade", true)
                && request.headers().contains(HttpHeaderNames.UPGRADE);
        ResponseHead head = upgrade ? new ResponseHead(101, "UPGRADED") : new ResponseHead(200, "OK");
        head.header("Content-Type", contentType);
        if (upgrade) {
            head.header("Connection", "Upgrade").header("Upgrade", "tcp");
        }
        hijacked = connection.toRaw(this, head.lines(extraHeaders).bytes());
        return hijacked;
    }

    @Override
    public HijackedStream webSocket() throws IOException {
        String key = header("Sec-WebSocket-Key").orElse("");
        boolean asked = request.headers().containsValue(HttpHeaderNames.CONNECTION, "upgrade", true)
                && header("Upgrade").orElse("").equalsIgnoreCase("websocket") && !key.isEmpty()
                && header("Sec-WebSocket-Version").orElse("").equals("13");
        if (!asked) {
            throw ApiException.invalid("not websocket protocol");
        }
        begin(Response.HIJACKED);
        ResponseHead head = new ResponseHead(101).header("Upgrade", "websocket").header("Connection", "Upgrade")
                .header("Sec-WebSocket-Accept", WebSocketStream.accept(key));
        hijacked = connection.toRaw(this, head.lines(extraHeaders).bytes());
        return new WebSocketStream(hijacked);
    }

    @Override
    public void onClientGone(Runnable action) {
        departure.onHappening(action);
    }

    @Override
    public <T> T whileClientStays(Callable<T> wait) throws Exception {
        return departure.interrupting(wait);
    }

    /** The handler returned. */
    void handlerReturned() throws IOException {
        switch (response) {
            case NONE -> throw new IllegalStateException("the handler of " + method() + " " + path() + " gave no answer");
            case STREAMING -> streamed.close();
            case COMPLETE, HIJACKED -> { }
        }
    }

    /** The handler failed after it had begun the response. */
    void breakOff() {
        switch (response) {
            case NONE, STREAMING -> connection.abort();
            case HIJACKED -> {
                if (hijacked == null) {
                    connection.abort();
                } else {
                    hijacked.close();
                }
            }
            case COMPLETE -> { }
        }
    }

    private void begin(Response kind) {
        if (response != Response.NONE) {
            throw new IllegalStateException("the response was begun already");
        }
        response = kind;
    }

    private void finish() {
        // Who still expects to be asked for its body may send it or not: the connection cannot be used any more.
        connection.finish(this, !closeAfterResponse && !continueExpected);
    }

    private ResponseHead head(int status, String contentType) {
        ResponseHead head = new ResponseHead(status);
        if (!contentType.isEmpty()) {
            head.header("Content-Type", contentType);
        }
        return head.lines(extraHeaders).lines(common.lines());
    }

    private ResponseHead connectionHeader(ResponseHead head) {
        if (closeAfterResponse || continueExpected) {
            head.header("Connection", "close");
        } else if (request.protocolVersion().equals(HttpVersion.HTTP_1_0)) {
            head.header("Connection", "keep-alive");
        }
        return head;
    }

    private boolean isHead() {
        return method().equals("HEAD");
    }

    private void write(byte[] bytes) throws IOException {
        outbound.write(outbound.buffer(bytes.length).writeBytes(bytes));
    }

    private void sendContinue() {
        if (continueExpected && response == Response.NONE) {
            continueExpected = false;
            try {
                write(CONTINUE);
            } catch (IOException gone) {
                inbound.fail(gone);
            }
        }
    }
}
