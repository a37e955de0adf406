package io.berth.daemon.network;

import io.berth.daemon.network.sandbox.Sandbox;
import io.berth.linux.kernel.Fd;
import java.util.Collection;

/**
 * Resolves names inside containers' namespaces, as {@link Networks} tells it of them. It is told of sandboxes with at least
 * one user-defined network only, from one thread, in the order in which things happen; {@code opened} returns when the
 * container can ask.
 */
public interface NameService {

    /** A container is about to start in this namespace, or has joined its first user-defined network. The descriptor stays the caller's. */
    void opened(Sandbox sandbox, Fd namespace);

    /** Its endpoints have changed. */
    void changed(Sandbox sandbox);

    /** It has ended, or left its last user-defined network. Twice is harmless. */
    void closed(String containerId);

    /** After a start of the daemon: these run. */
    void takeOver(Collection<Sandbox> live);

    /** Without names: containers of user-defined networks find each other by address only. */
    NameService NONE = new NameService() {
        @Override
        public void opened(Sandbox sandbox, Fd namespace) {
        }

        @Override
        public void changed(Sandbox sandbox) {
        }

        @Override
        public void closed(String containerId) {
        }

        @Override
        public void takeOver(Collection<Sandbox> live) {
        }
    };
}
