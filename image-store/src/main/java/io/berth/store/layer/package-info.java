/** Layers: reading their tars, unpacking them for overlayfs, keeping them. */
package io.berth.store.layer;
