/** Restart policies: what they say, how long they wait. The containers' state machine asks them and does what they say. */
package io.berth.daemon.restart;
