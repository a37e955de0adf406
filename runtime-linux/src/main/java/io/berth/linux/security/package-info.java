/**
 * What a container's processes may do: {@link io.berth.linux.security.Capabilities}, the seccomp filter
 * ({@link io.berth.linux.security.SeccompProfile}, {@link io.berth.linux.security.SeccompCompiler}) and the
 * {@link io.berth.linux.security.ProtectedPaths} below /proc and /sys. This package computes; the launcher applies.
 */
package io.berth.linux.security;
