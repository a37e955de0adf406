package io.berth.daemon.container;

import java.util.Random;
import java.util.function.Predicate;

/** Names for containers that are given none. */
final class Names {

    private static final String[] ADJECTIVES = {"amber", "bold", "brisk", "calm", "clear", "copper", "daring", "deep", "eager", "early",
        "fair", "fleet", "gentle", "golden", "green", "hardy", "honest", "jolly", "keen", "late", "light", "lively", "loyal", "lucky",
        "mellow", "merry", "misty", "modest", "nimble", "noble", "northern", "patient", "plucky", "proud", "quick", "quiet", "ready",
        "ruby", "rusty", "salty", "sandy", "silent", "silver", "smooth", "southern", "spry", "steady", "still", "stout", "sunny",
        "swift", "tidal", "tidy", "trim", "trusty", "valiant", "velvet", "warm", "western", "windy", "wise", "witty"};

    private static final String[] NOUNS = {"anchor", "bay", "beacon", "boom", "bow", "breaker", "breeze", "brig", "buoy", "cape", "captain",
        "clipper", "coast", "compass", "coral", "corsair", "cove", "crane", "current", "cutter", "deck", "dinghy", "dock", "dolphin",
        "ferry", "fjord", "fleet", "galleon", "gull", "harbour", "heron", "hull", "island", "jetty", "kayak", "keel", "ketch", "lagoon",
        "lantern", "lighthouse", "lugger", "marina", "mast", "mooring", "narwhal", "oar", "otter", "pelican", "pier", "pilot", "plover",
        "port", "quay", "reef", "rigging", "rudder", "sail", "schooner", "sextant", "shoal", "skiff", "sloop", "spar", "strait", "tern",
        "tide", "tiller", "trawler", "tug", "voyage", "wharf", "yawl"};

    private Names() {
    }

    /** A name that is not taken. After a few tries it gets a number. */
    static String choose(Random random, Predicate<String> taken) {
        for (int attempt = 0; ; attempt++) {
            String name = ADJECTIVES[random.nextInt(ADJECTIVES.length)] + "_" + NOUNS[random.nextInt(NOUNS.length)]
                    + (attempt < 5 ? "" : Integer.toString(random.nextInt(attempt * 10)));
            if (!taken.test(name)) {
                return name;
            }
        }
    }
}
