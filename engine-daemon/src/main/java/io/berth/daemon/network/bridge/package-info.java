/** Links: bridges on the host, and what hangs on them. */
package io.berth.daemon.network.bridge;
