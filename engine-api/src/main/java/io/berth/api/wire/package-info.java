/**
 * The JSON of the API, field by field as the reference engine's version 1.51 sends it; a folder an area.
 *
 * <p>Small shapes are records; those with more fields than a constructor can bear are structs with public fields, whose initial
 * values are what the reference sends for things that are not set. Nothing below the daemon's translation knows them.
 */
package io.berth.api.wire;
