/** Images from archives: {@code docker load} and {@code docker import}. */
package io.berth.store.archive;
