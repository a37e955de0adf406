/** Images: which there are, what they are called, what they say of themselves, and how they go. */
package io.berth.store.image;
