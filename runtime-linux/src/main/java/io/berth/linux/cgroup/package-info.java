/**
 * A control group for each container: its limits, its counters, stopping all its processes and removing what is left.
 * {@link io.berth.linux.cgroup.CgroupTree} is the entrance; it hides whether the machine has the old hierarchies
 * (cgroup v1, also beside an empty unified one) or the unified hierarchy (v2).
 */
package io.berth.linux.cgroup;
