package io.berth.api.container;

import com.fasterxml.jackson.databind.node.NullNode;
import io.berth.api.http.ApiException;
import io.berth.api.http.ContentCoding;
import io.berth.api.http.Exchange;
import io.berth.api.http.Query;
import io.berth.api.http.Router;
import io.berth.api.wire.Json;
import io.berth.api.wire.container.ContainerConfig;
import io.berth.api.wire.container.PathChange;
import io.berth.api.wire.container.PathStat;
import io.berth.api.wire.image.CommitResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Base64;
import java.util.List;

/** The files of containers in the API: reads requests, calls {@link FileOperations}, writes responses. */
public final class FileRoutes {
    private static final String PATH_STAT = "X-Docker-Container-Path-Stat";
    private static final String TAR = "application/x-tar";

    private final FileOperations files;

    public FileRoutes(FileOperations files) {
        this.files = files;
    }

    public void addTo(Router router) {
        router.add("HEAD", "/containers/{id:.*}/archive", this::stat)
                .addLasting("GET", "/containers/{id:.*}/archive", this::archive)
                .addLasting("PUT", "/containers/{id:.*}/archive", this::extract)
                .addLasting("GET", "/containers/{id:.*}/export", this::export)
                .add("GET", "/containers/{id:.*}/changes", this::changes)
                .addLasting("POST", "/commit", this::commit);
    }

    private void stat(Exchange exchange) throws IOException {
        tell(exchange, files.stat(exchange.parameter("id"), path(exchange)));
        exchange.respond(200);
    }

    private void archive(Exchange exchange) throws IOException {
        try (FileArchive archive = files.archive(exchange.parameter("id"), path(exchange))) {
            tell(exchange, archive.stat());
            send(exchange, TAR, archive::writeTo);
        }
    }

    private void export(Exchange exchange) throws IOException {
        try (TarStream export = files.export(exchange.parameter("id"))) {
            OutputStream out = exchange.stream(200, "application/octet-stream");
            export.writeTo(out);
            out.close();
        }
    }

    /** No changes are {@code null}, as from the reference. */
    private void changes(Exchange exchange) throws IOException {
        List<PathChange> changes = files.changes(exchange.parameter("id"));
        exchange.respond(200, changes.isEmpty() ? NullNode.getInstance() : changes);
    }

    private void commit(Exchange exchange) throws IOException {
        Query query = exchange.query();
        String container = query.text("container");
        if (container.isEmpty()) {
            throw ApiException.invalid("invalid name or ID supplied: \"\"");
        }
        List<String> changes = query.all("changes");
        String image = files.commit(new CommitContainer(container, query.text("repo"), query.text("tag"), query.text("comment"),
                query.text("author"), query.flag("pause", true), changes, exchange.jsonIfAny(ContainerConfig.class)));
        exchange.respond(201, new CommitResponse(image));
    }

    private void extract(Exchange exchange) throws IOException {
        files.extract(new ExtractArchive(exchange.parameter("id"), path(exchange), exchange.query().flag("noOverwriteDirNonDir"),
                exchange.query().flag("copyUIDGID")), exchange.body());
        exchange.respond(200);
    }

    private interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    /** The stream is closed, and so the answer complete, only when all of it was written: a failure cuts the connection. */
    private static void send(Exchange exchange, String contentType, Content content) throws IOException {
        OutputStream out = ContentCoding.accepted(exchange).stream(exchange, contentType);
        content.writeTo(out);
        out.close();
    }

    /** With the reference's words, in which a blank is missing. */
    private static String path(Exchange exchange) {
        return exchange.query().optional("path").orElseThrow(() -> ApiException.invalid("bad parameter: pathcannot be empty"));
    }

    private static void tell(Exchange exchange, PathStat stat) {
        exchange.setHeader(PATH_STAT, Base64.getEncoder().encodeToString(Json.bytes(stat)));
    }
}
