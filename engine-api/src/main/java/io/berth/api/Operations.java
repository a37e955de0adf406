package io.berth.api;

import io.berth.api.Operation.State;
import io.berth.api.http.ApiException;
import io.berth.api.http.ApiException.Kind;
import io.berth.api.http.Handler;
import io.berth.api.http.Router;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Every operation of the Docker Engine API, with its state. Those that are not built are answered from this table, so that a client
 * learns what is missing instead of a bare 404.
 */
public final class Operations {
    private static final String NO_SWARM = "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to"
            + " connect this node to swarm and try again.";
    private static final String NO_CLUSTER_VOLUMES = "volume update only valid for cluster volumes, but swarm is unavailable";
    private static final String NO_CHECKPOINTS = "This experimental feature is disabled by default. Start the Docker daemon in"
            + " experimental mode in order to enable it.";

    private static final String BUILT = """
            GET /_ping
            HEAD /_ping
            GET /version
            GET /info
            GET /events
            POST /auth
            GET /system/df
            GET /containers/json
            POST /containers/create
            GET /containers/{id:.*}/json
            GET /containers/{id:.*}/top
            GET /containers/{id:.*}/logs
            POST /containers/{id:.*}/resize
            POST /containers/{id:.*}/start
            POST /containers/{id:.*}/stop
            POST /containers/{id:.*}/restart
            POST /containers/{id:.*}/kill
            GET /containers/{id:.*}/stats
            POST /containers/{id:.*}/update
            POST /containers/prune
            POST /containers/{id:.*}/unpause
            POST /containers/{id:.*}/pause
            POST /containers/{id:.*}/rename
            POST /containers/{id:.*}/attach
            GET /containers/{id:.*}/attach/ws
            POST /containers/{id:.*}/wait
            DELETE /containers/{id:.*}
            GET /containers/{id:.*}/changes
            GET /containers/{id:.*}/export
            HEAD /containers/{id:.*}/archive
            GET /containers/{id:.*}/archive
            PUT /containers/{id:.*}/archive
            POST /commit
            POST /containers/{id:.*}/exec
            POST /exec/{id}/start
            POST /exec/{id}/resize
            GET /exec/{id}/json
            GET /images/json
            GET /images/search
            GET /distribution/{name:.*}/json
            POST /images/create
            POST /images/load
            GET /images/get
            GET /images/{name:.*}/get
            GET /images/{name:.*}/json
            GET /images/{name:.*}/history
            POST /images/{name:.*}/tag
            POST /images/{name:.*}/push
            DELETE /images/{name:.*}
            POST /images/prune
            GET /networks
            GET /networks/
            GET /networks/{id:.*}
            DELETE /networks/{id:.*}
            POST /networks/create
            POST /networks/{id:.*}/connect
            POST /networks/{id:.*}/disconnect
            POST /networks/prune
            POST /build/prune
            GET /volumes
            POST /volumes/create
            GET /volumes/{name:.*}
            DELETE /volumes/{name:.*}
            POST /volumes/prune
            GET /plugins
            """;

    private static final String NOT_YET = """
            POST /build
            POST /build/cancel
            GET /images/{name:.*}/attestations
            POST /session
            POST /grpc
            """;

    private static final String SWARM = """
            PUT /volumes/{name}
            GET /nodes
            GET /nodes/{id}
            DELETE /nodes/{id}
            POST /nodes/{id}/update
            GET /swarm
            POST /swarm/init
            POST /swarm/join
            POST /swarm/leave
            POST /swarm/update
            GET /swarm/unlockkey
            POST /swarm/unlock
            GET /services
            POST /services/create
            GET /services/{id}
            DELETE /services/{id}
            POST /services/{id}/update
            GET /services/{id}/logs
            GET /tasks
            GET /tasks/{id}
            GET /tasks/{id}/logs
            GET /secrets
            POST /secrets/create
            GET /secrets/{id}
            DELETE /secrets/{id}
            POST /secrets/{id}/update
            GET /configs
            POST /configs/create
            GET /configs/{id}
            DELETE /configs/{id}
            POST /configs/{id}/update
            """;

    private static final String PLUGINS = """
            GET /plugins/privileges
            POST /plugins/pull
            GET /plugins/{name:.*}/json
            DELETE /plugins/{name:.*}
            POST /plugins/{name:.*}/enable
            POST /plugins/{name:.*}/disable
            POST /plugins/{name:.*}/upgrade
            POST /plugins/create
            POST /plugins/{name:.*}/push
            POST /plugins/{name:.*}/set
            """;

    private static final String CHECKPOINTS = """
            GET /containers/{id}/checkpoints
            POST /containers/{id}/checkpoints
            DELETE /containers/{id}/checkpoints/{checkpoint}
            """;

    private Operations() {
    }

    /** All operations: the built ones, those to come, those that never will. */
    public static List<Operation> all() {
        return Stream.of(parse(BUILT, State.BUILT), parse(NOT_YET, State.NOT_YET), parse(SWARM, State.NEVER),
                parse(PLUGINS, State.NEVER), parse(CHECKPOINTS, State.NEVER)).flatMap(List::stream).toList();
    }

    /** Adds the answers for everything that is not built; to be called after the routes of what is. */
    public static void addUnbuiltTo(Router router) {
        for (Operation operation : parse(NOT_YET, State.NOT_YET)) {
            add(router, operation, Kind.NOT_IMPLEMENTED, operation + " is not supported by this version of berth yet");
        }
        parse(SWARM, State.NEVER).forEach(operation -> add(router, operation, Kind.UNAVAILABLE,
                operation.route().startsWith("/volumes/") ? NO_CLUSTER_VOLUMES : NO_SWARM));
        for (Operation operation : parse(PLUGINS, State.NEVER)) {
            add(router, operation, Kind.NOT_IMPLEMENTED, operation + " is not supported by berth: it has no managed plugins");
        }
    }

    /** Adds the answers of checkpoints; to be called before the routes of containers, of which one takes all that begins like these. */
    public static void addCheckpointsTo(Router router) {
        parse(CHECKPOINTS, State.NEVER).forEach(operation -> add(router, operation, Kind.NOT_IMPLEMENTED, NO_CHECKPOINTS));
    }

    private static void add(Router router, Operation operation, Kind kind, String message) {
        Handler refusal = exchange -> {
            throw new ApiException(kind, message);
        };
        router.add(operation.method(), operation.route(), refusal);
    }

    private static List<Operation> parse(String table, State state) {
        return Arrays.stream(table.split("\n")).map(line -> line.split(" "))
                .map(words -> new Operation(words[0], words[1], state)).toList();
    }
}
