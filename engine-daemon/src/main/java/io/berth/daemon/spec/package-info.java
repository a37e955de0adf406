/** What a container is to be: the options of a request, read and checked once, and compiled into what the engine works with. */
package io.berth.daemon.spec;
