package io.berth.store.transfer;

import io.berth.store.content.Digest;
import io.berth.store.image.Platform;

/**
 * What a pull brought.
 *
 * @param image its id
 * @param platform what it is for
 * @param newer whether its name leads elsewhere than before
 */
public record Pulled(Digest image, Platform platform, boolean newer) {}
