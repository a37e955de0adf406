/** Content by its digest: blobs, how they come in, who holds them. */
package io.berth.store.content;
