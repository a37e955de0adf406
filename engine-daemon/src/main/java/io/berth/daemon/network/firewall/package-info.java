/** The instance's nf_tables table. */
package io.berth.daemon.network.firewall;
