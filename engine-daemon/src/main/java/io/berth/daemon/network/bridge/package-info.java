/** Networks that are a bridge on the host, and the links that hang on it. */
package io.berth.daemon.network.bridge;
