package io.berth.api.container;

/**
 * @param force kill it when it runs
 * @param volumes remove its anonymous volumes too
 * @param link remove the named link and not the container
 */
public record RemoveContainer(String container, boolean force, boolean volumes, boolean link) {
}
