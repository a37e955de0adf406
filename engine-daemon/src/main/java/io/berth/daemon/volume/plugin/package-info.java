/**
 * Volume plugins: programs of others that serve a small protocol over HTTP, mostly on a Unix socket, and keep volumes of their own
 * (<a href="https://docs.docker.com/engine/extend/plugins_volume/">Docker volume plugins</a>). Knows nothing of the engine's volumes.
 */
package io.berth.daemon.volume.plugin;
