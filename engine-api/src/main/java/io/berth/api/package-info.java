/**
 * The Docker Engine API. {@link io.berth.api.Operations} lists what there is and how far it is;
 * {@link io.berth.api.ApiRoutes} puts it together. Each area has its routes, which read requests and write responses, and the
 * interface of the operations they call, which is their manual and which the daemon implements.
 */
package io.berth.api;
