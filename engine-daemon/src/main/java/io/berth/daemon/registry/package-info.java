/** The API's operations on registries, and what the settings say of them. */
package io.berth.daemon.registry;
