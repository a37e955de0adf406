package io.berth.api.container;

import java.util.Optional;

/**
 * @param logs first send what the container has written so far
 * @param stream then go on with what it writes; without it the connection ends after the log
 * @param detachKeys the keys that detach, with a terminal; absent means ctrl-p ctrl-q
 */
public record AttachRequest(String container, boolean logs, boolean stream, boolean stdin, boolean stdout, boolean stderr,
                            Optional<String> detachKeys) {
}
