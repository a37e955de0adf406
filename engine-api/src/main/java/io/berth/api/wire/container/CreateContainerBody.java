package io.berth.api.wire.container;

import io.berth.api.wire.GivenFields;
import java.util.List;

/** The body of create: the {@code Config} at the top level, with {@code HostConfig} and {@code NetworkingConfig} beside its fields. */
public final class CreateContainerBody extends ContainerConfig {
    public HostConfig hostConfig = new HostConfig();
    public NetworkingConfig networkingConfig = new NetworkingConfig();

    /** The JSON names of the {@code Config} fields that the client set to something else than their zero value. */
    public List<String> given() {
        return GivenFields.of(this, new CreateContainerBody()).stream()
                .filter(name -> !name.equals("HostConfig") && !name.equals("NetworkingConfig")).toList();
    }
}
