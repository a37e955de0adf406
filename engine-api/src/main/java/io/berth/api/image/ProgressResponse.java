package io.berth.api.image;

import io.berth.api.http.ApiException;
import io.berth.api.http.ClientGoneException;
import io.berth.api.http.Exchange;
import io.berth.api.http.JsonLines;
import io.berth.api.wire.image.Progress;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A response that is progress, begun by its first line. A failure after that is told by a last line. */
final class ProgressResponse implements ProgressSink {
    private static final Logger LOG = LoggerFactory.getLogger(ProgressResponse.class);

    private final Exchange exchange;
    private JsonLines lines;

    ProgressResponse(Exchange exchange) {
        this.exchange = exchange;
    }

    void begin() throws IOException {
        if (lines == null) {
            lines = exchange.jsonLines("\r\n");
        }
    }

    @Override
    public synchronized void write(Progress line) throws IOException {
        begin();
        lines.write(line);
    }

    void run(Operation operation) throws IOException, InterruptedException {
        try {
            operation.run();
        } catch (ApiException refusal) {
            if (lines == null) {
                throw refusal;
            }
            lines.write(Progress.failed(refusal.getMessage()));
        } catch (ClientGoneException gone) {
            throw gone;
        } catch (IOException | RuntimeException failure) {
            if (lines == null) {
                throw failure;
            }
            LOG.error("{} {} fails", exchange.method(), exchange.path(), failure);
            lines.write(Progress.failed("internal error of the engine, see its log"));
        }
        begin();
        lines.close();
    }

    interface Operation {
        void run() throws IOException, InterruptedException;
    }
}
