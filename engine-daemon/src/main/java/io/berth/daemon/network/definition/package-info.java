/** What networks are, and what they and their things are called. */
package io.berth.daemon.network.definition;
