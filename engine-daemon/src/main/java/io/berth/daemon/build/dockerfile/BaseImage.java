package io.berth.daemon.build.dockerfile;

import java.util.List;

/**
 * What a stage has from the image that it stands on.
 *
 * @param environment {@code NAME=value} each
 * @param workingDirectory empty for the root
 * @param shell whether the image names a shell of its own
 * @param triggers what its ONBUILD instructions left behind
 */
public record BaseImage(List<String> environment, String workingDirectory, boolean shell, List<String> triggers) {

    /** An image that says nothing, as {@code scratch}. */
    public static final BaseImage EMPTY = new BaseImage(List.of(), "", false, List.of());
}
