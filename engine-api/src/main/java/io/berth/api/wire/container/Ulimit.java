package io.berth.api.wire.container;

/** A resource limit of the first process; -1 is unlimited. */
public record Ulimit(String name, long hard, long soft) {
}
