package io.berth.daemon.network.firewall;

import io.berth.linux.keeper.loop.EventLoop;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.netlink.NftWatch;

/** Tells, from an event loop's thread, when another tool has removed something of the table: {@code nft flush ruleset} and the like. */
public final class RuleWatch implements AutoCloseable {

    private final NftWatch watch;
    private final EventLoop.Registration registration;

    /**
     * Watches the network namespace of the calling thread.
     *
     * @param damaged asked to see to it that {@link RuleTable#restore} runs on the thread that the table belongs to
     */
    public RuleWatch(Kernel kernel, RuleTable table, EventLoop loop, Runnable damaged) {
        watch = new NftWatch(kernel, table.name(), table.socket());
        registration = loop.register(watch.descriptor(), EventLoop.IN, events -> {
            if (watch.read()) {
                damaged.run();
            }
        });
    }

    @Override
    public void close() {
        registration.close();
        watch.close();
    }
}
