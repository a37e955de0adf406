/** IP and MAC addresses, subnets, and who has which. */
package io.berth.daemon.network.address;
