/** The instance's nf_tables table: what reaches a container and what a container reaches; and what other tools' tables do to it. */
package io.berth.daemon.network.firewall;
