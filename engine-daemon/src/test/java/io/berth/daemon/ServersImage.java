package io.berth.daemon;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/** A Debian root file system with nginx, PostgreSQL and redis, which {@code ./dev test} makes and names in BERTH_SERVICES. */
final class ServersImage {

    static final String NAME = "berth-servers:1";
    /** {@code ./dev test} makes it while other tests run. */
    private static final Duration BEING_MADE = Duration.ofMinutes(5);

    /** A cluster made at the start, open to everybody who can reach it. */
    static final String POSTGRES = "set -e; install -d -o postgres /tmp/db; as='setpriv --reuid=postgres --regid=postgres --init-groups'; "
            + "bin=/usr/lib/postgresql/15/bin; $as $bin/initdb -D /tmp/db -A trust --no-sync >/dev/null; echo 'host all all all trust' >>/tmp/db/pg_hba.conf; "
            + "exec $as $bin/postgres -D /tmp/db -k /tmp -h '*' -c fsync=off";
    static final String REDIS = "exec redis-server --protected-mode no --save '' --bind '* -::*'";

    private ServersImage() {
    }

    /** An nginx that answers every request with {@code text}. */
    static String nginxThatSays(String text) {
        return nginx("location / { default_type text/plain; return 200 \"" + text + "\"; }");
    }

    /** An nginx that passes every request on to a server that it looks up each time. */
    static String nginxBefore(String server) {
        return nginx("location / { resolver 127.0.0.11 valid=1s ipv6=off; set $target " + server + "; proxy_pass http://$target; }");
    }

    private static String nginx(String location) {
        return "printf '%s' 'daemon off; events {} http { access_log /dev/stdout; error_log /dev/stderr; server { listen 80; "
                + location + " } }' >/etc/nginx/nginx.conf; exec nginx";
    }

    /** Brings the image to an engine that does not have it. */
    static void on(EngineUnderTest engine) {
        Optional<Path> tar = Optional.ofNullable(System.getenv("BERTH_SERVICES")).map(Path::of);
        Assumptions.assumeTrue(tar.isPresent(), "no root file system with servers: BERTH_SERVICES does not name one");
        Await.until(tar.orElseThrow() + " to be made", BEING_MADE, () -> Files.isReadable(tar.orElseThrow()), () -> "see services.log beside it");
        if (engine.docker().run("image", "inspect", NAME).code() != 0) {
            engine.docker().run("import", "--change", "ENV PATH=/usr/sbin:/usr/bin:/sbin:/bin", tar.orElseThrow().toString(), NAME).succeeded();
        }
    }
}
