/** What the driver {@code local} does with its options: which make sense, and what is mounted for them. Knows nothing of volumes. */
package io.berth.daemon.volume.local;
