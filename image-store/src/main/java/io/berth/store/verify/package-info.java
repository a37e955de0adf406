/** Whether a store holds what it says, what is wrong with it, and mending that. */
package io.berth.store.verify;
