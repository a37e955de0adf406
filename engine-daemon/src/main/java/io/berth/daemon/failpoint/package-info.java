/** Places at which tests kill the daemon. */
package io.berth.daemon.failpoint;
