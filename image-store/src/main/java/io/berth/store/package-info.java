/**
 * The image store. {@link io.berth.store.ImageStore} puts it together; each package builds on those before it: durable, content,
 * layer, image, archive.
 */
package io.berth.store;
