package io.berth.store.registry;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * How one registry is told who asks for what; learnt from its first refusal, and remembered. Thread-safe: those who need a token at
 * the same time wait for one.
 */
final class Authorization {

    private final Origin registry;
    private final Credentials credentials;
    private final List<Scope> scopes;
    private final Tokens tokens;
    private final ReentrantLock renewal = new ReentrantLock();
    private volatile Optional<String> basic = Optional.empty();
    /** Read and replaced as a whole, so that nobody needs the lock to read it. */
    private volatile Optional<Known> bearer = Optional.empty();

    private record Known(Challenge challenge, Token token) {}

    Authorization(Origin registry, Credentials credentials, List<Scope> scopes, Tokens tokens) {
        this.registry = registry;
        this.credentials = credentials;
        this.scopes = scopes;
        this.tokens = tokens;
    }

    /** What to send with the next request. Asks for a new token when the one that is known has grown old. */
    Optional<String> header() {
        if (!credentials.registryToken().isEmpty()) {
            return Optional.of("Bearer " + credentials.registryToken());
        }
        Optional<Known> known = bearer;
        if (known.isEmpty()) {
            return basic;
        }
        Token token = known.get().token();
        return Optional.of("Bearer " + (token.isFresh() ? token.text() : renewed(known.get()).text()));
    }

    private Token renewed(Known old) {
        renewal.lock();
        try {
            Known now = bearer.orElse(old);
            if (now != old && now.token().isFresh()) {
                return now.token();
            }
            Token token = tokens.fetch(registry, old.challenge(), credentials, scopes);
            bearer = Optional.of(new Known(old.challenge(), token));
            return token;
        } finally {
            renewal.unlock();
        }
    }

    /**
     * Learns from a refusal.
     *
     * @param sent what had been sent
     * @return what to send instead; empty when there is nothing that has not been tried
     */
    Optional<String> answer(List<Challenge> challenges, Optional<String> sent) {
        if (!credentials.registryToken().isEmpty()) {
            return Optional.empty();
        }
        Optional<Challenge> token = challenges.stream().filter(challenge -> challenge.scheme().equals("bearer")).findFirst();
        if (token.isPresent()) {
            return Optional.of(bearer(token.get(), sent));
        }
        if (challenges.stream().anyMatch(challenge -> challenge.scheme().equals("basic")) && !credentials.username().isEmpty()) {
            basic = Optional.of(basic(credentials));
            return basic.filter(header -> !sent.equals(Optional.of(header)));
        }
        return Optional.empty();
    }

    private String bearer(Challenge challenge, Optional<String> sent) {
        renewal.lock();
        try {
            // Somebody else may have been refused a moment ago.
            Optional<String> known = bearer.map(now -> "Bearer " + now.token().text());
            if (known.isPresent() && !known.equals(sent)) {
                return known.get();
            }
            Token token = tokens.fetch(registry, challenge, credentials, scopes);
            bearer = Optional.of(new Known(challenge, token));
            return "Bearer " + token.text();
        } finally {
            renewal.unlock();
        }
    }

    /** What {@code docker login} keeps instead of the password, when the token server gave such a thing. */
    String identityToken() {
        return bearer.map(known -> known.token().refreshToken()).orElse("");
    }

    static String basic(Credentials credentials) {
        String pair = credentials.username() + ':' + credentials.password();
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }
}
