/**
 * From a command line to a serving daemon: {@link io.berth.daemon.boot.Settings} (what was asked for),
 * {@link io.berth.daemon.boot.Wiring} (all objects, made in one place and stopped in reverse order) and
 * {@link io.berth.daemon.boot.Berthd} (the process: locks, signals, readiness).
 */
package io.berth.daemon.boot;
