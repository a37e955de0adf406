package io.berth.api.verify;

/**
 * How to look at the image store.
 *
 * @param repair whether to mend what can be mended
 * @param deep whether to compare every unpacked layer with its blob, file by file
 * @param registryAuth the header X-Registry-Auth as it came, or empty: who fetches blobs again
 */
public record VerifyStore(boolean repair, boolean deep, String registryAuth) {
}
