package io.berth.daemon.dns;

/** What a message that came from a container turns out to be. */
sealed interface Arrival {

    /** It is no query, and an answer could only be one to something that never asked. */
    record Nothing() implements Arrival {
    }

    /**
     * A query that no server can answer.
     *
     * @param reply what to say about it
     */
    record Refused(byte[] reply) implements Arrival {
    }

    /** A query with one question. */
    record Asked(Query query) implements Arrival {
    }
}
