package io.berth.api.wire.container;

/** Whether a container is started again: {@code no}, {@code always}, {@code unless-stopped} or {@code on-failure}; empty means no. */
public record RestartPolicy(String name, int maximumRetryCount) {
}
