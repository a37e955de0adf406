/**
 * What containers use: {@link io.berth.daemon.stats.Sampler} reads the kernel's counters once a second for all who listen to a
 * container, and not at all when nobody does.
 */
package io.berth.daemon.stats;
