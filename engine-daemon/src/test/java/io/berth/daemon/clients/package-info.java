/** Scenarios of client libraries, programs of their own: they run where the engine's published ports are. */
package io.berth.daemon.clients;
