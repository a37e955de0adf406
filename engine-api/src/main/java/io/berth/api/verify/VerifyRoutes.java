package io.berth.api.verify;

import io.berth.api.http.ApiException;
import io.berth.api.http.ClientGoneException;
import io.berth.api.http.Exchange;
import io.berth.api.http.JsonLines;
import io.berth.api.http.Router;
import io.berth.api.registry.RegistryRoutes;
import io.berth.api.wire.verify.VerifyLine;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code POST /berth/verify?repair=1&deep=1}, which the reference engine does not have: one line of JSON a finding, and a last one
 * with the sum of all or with the error that ended it.
 */
public final class VerifyRoutes {
    private static final Logger LOG = LoggerFactory.getLogger(VerifyRoutes.class);

    private final VerifyOperations operations;

    public VerifyRoutes(VerifyOperations operations) {
        this.operations = operations;
    }

    public void addTo(Router router) {
        router.addLasting("POST", "/berth/verify", this::verify);
    }

    private void verify(Exchange exchange) throws Exception {
        VerifyStore request = new VerifyStore(exchange.query().flag("repair"), exchange.query().flag("deep"),
                exchange.header(RegistryRoutes.AUTH_HEADER).orElse(""));
        try (JsonLines lines = exchange.jsonLines()) {
            lines.write(exchange.whileClientStays(() -> result(exchange, request, lines)));
        }
    }

    private VerifyLine result(Exchange exchange, VerifyStore request, JsonLines lines) throws Exception {
        try {
            return VerifyLine.of(operations.verify(request, finding -> lines.write(VerifyLine.of(finding))));
        } catch (ApiException refusal) {
            return VerifyLine.failed(refusal.getMessage());
        } catch (ClientGoneException gone) {
            throw gone;
        } catch (RuntimeException failure) {
            LOG.error("{} {} fails", exchange.method(), exchange.path(), failure);
            return VerifyLine.failed("internal error of the engine, see its log");
        }
    }
}
