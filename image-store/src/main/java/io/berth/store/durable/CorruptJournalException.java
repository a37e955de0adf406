package io.berth.store.durable;

/** A journal that cannot be read at all. The message says which and what to do. */
public final class CorruptJournalException extends RuntimeException {
    CorruptJournalException(String message) {
        super(message);
    }
}
