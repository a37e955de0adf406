/** Takes over the named volumes of another engine: reads what it wrote down, and brings labels, options and content here. */
package io.berth.daemon.volume.adopt;
