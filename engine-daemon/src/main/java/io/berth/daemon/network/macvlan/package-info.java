/** Networks whose containers have links of their own on one of the host's links. */
package io.berth.daemon.network.macvlan;
