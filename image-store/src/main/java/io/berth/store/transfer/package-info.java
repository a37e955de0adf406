/** What moves between registries and the store: pulling and pushing images. */
package io.berth.store.transfer;
