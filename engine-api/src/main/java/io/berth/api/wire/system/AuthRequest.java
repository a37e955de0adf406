package io.berth.api.wire.system;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Credentials for a registry; absent ones are empty. {@link #toString} shows no secret. */
public record AuthRequest(@JsonProperty("username") String username, @JsonProperty("password") String password,
                          @JsonProperty("auth") String auth, @JsonProperty("serveraddress") String serverAddress,
                          @JsonProperty("identitytoken") String identityToken, @JsonProperty("registrytoken") String registryToken) {
    @Override
    public String toString() {
        return "AuthRequest[" + username + " at " + serverAddress + "]";
    }
}
