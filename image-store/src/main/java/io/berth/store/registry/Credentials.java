package io.berth.store.registry;

/**
 * Who asks a registry, as clients send it with a request ({@code X-Registry-Auth}). Every part may be empty.
 *
 * @param identityToken stands for user and password; an OAuth2 refresh token, as {@code docker login} gets it from some registries
 * @param registryToken a bearer token, sent as it is
 */
public record Credentials(String username, String password, String identityToken, String registryToken) {

    public static final Credentials ANONYMOUS = new Credentials("", "", "", "");

    public boolean isAnonymous() {
        return equals(ANONYMOUS);
    }

    /** Secrets do not belong into logs. */
    @Override
    public String toString() {
        return isAnonymous() ? "anonymous" : username.isEmpty() ? "by token" : "user " + username;
    }
}
