/** What all kinds of networks have: links into containers' namespaces, and the thread that makes them. */
package io.berth.daemon.network.link;
