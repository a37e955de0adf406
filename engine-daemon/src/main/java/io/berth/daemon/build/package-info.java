/** Images from Dockerfiles. */
package io.berth.daemon.build;
