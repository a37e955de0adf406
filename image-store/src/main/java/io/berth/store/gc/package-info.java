/** What nobody needs is removed, and nothing else. */
package io.berth.store.gc;
