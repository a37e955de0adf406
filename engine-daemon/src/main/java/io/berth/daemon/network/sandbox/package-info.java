/** What a container asks of networks and what it got. */
package io.berth.daemon.network.sandbox;
