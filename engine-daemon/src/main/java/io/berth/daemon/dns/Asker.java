package io.berth.daemon.dns;

/** Who has sent a query, and waits for one reply. On the loop's thread. */
interface Asker {

    /** The longest reply that can be taken. */
    int limit(Query query);

    /** Whether the query came over tcp, and is to be passed on over it. */
    boolean overTcp();

    /** Sends the reply; when nobody waits for it any more, nothing happens. */
    void answer(byte[] reply);

    /** There will be no reply. */
    void dismiss();
}
