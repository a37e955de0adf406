/**
 * Exchanges with a reference engine, as the docker CLI has them, and their comparison with what another engine answers.
 *
 * <p>{@code src/test/resources/golden} holds a file for each command: its requests, and status, headers and shape of the answers.
 * {@link io.berth.daemon.conformance.Replay} sends the requests, {@link io.berth.daemon.conformance.Comparison} finds where
 * the answers differ.
 */
package io.berth.daemon.conformance;
