/** Registries: who serves a repository, how to prove who asks, and what moves between a registry and the store. */
package io.berth.store.registry;
