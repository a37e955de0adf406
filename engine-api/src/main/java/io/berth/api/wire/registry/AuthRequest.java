package io.berth.api.wire.registry;

import io.berth.api.wire.WireName;

/** Credentials for a registry; absent ones are empty. {@link #toString} shows no secret. */
public record AuthRequest(@WireName("username") String username, @WireName("password") String password,
                          @WireName("auth") String auth, @WireName("serveraddress") String serverAddress,
                          @WireName("identitytoken") String identityToken, @WireName("registrytoken") String registryToken) {
    @Override
    public String toString() {
        return "AuthRequest[" + username + " at " + serverAddress + "]";
    }
}
