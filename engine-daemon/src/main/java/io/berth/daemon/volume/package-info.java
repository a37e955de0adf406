/**
 * Volumes: directories of the engine's own that outlive containers. {@link io.berth.daemon.volume.Volumes} knows which there are,
 * who uses each, and keeps both right through crashes; everything else here is how the API sees them.
 */
package io.berth.daemon.volume;
