package io.berth.daemon.container;

import io.berth.api.http.ApiException;
import java.util.Map;

/** Changes of what a container is to be, after it was made. */
final class ContainerChanges {

    private final Containers containers;
    private final SpecCompiler compiler;
    private final ContainerEvents events;

    ContainerChanges(Containers containers, SpecCompiler compiler, ContainerEvents events) {
        this.containers = containers;
        this.compiler = compiler;
        this.events = events;
    }

    /** @throws ApiException invalid or conflict, in the reference engine's words */
    void rename(Container container, String name) {
        String bare = name.startsWith("/") ? name.substring(1) : name;
        if (bare.isEmpty()) {
            throw ApiException.invalid("Neither old nor new names may be empty");
        }
        container.lifecycle().lock();
        try {
            String old = container.name();
            if (old.equals(bare)) {
                throw ApiException.invalid("Renaming a container with the same name as its current name");
            }
            if (containers.find(container.id().hex()).isEmpty()) {
                throw ApiException.notFound("No such container: " + container.id());
            }
            reservable(bare);
            containers.rename(container, bare, compiler);
            events.publish(container, "rename", Map.of("oldName", "/" + old));
        } catch (ApiException refused) {
            throw refused.kind() == ApiException.Kind.CONFLICT
                    ? ApiException.conflict("Error when allocating new name: " + refused.getMessage()) : refused;
        } finally {
            container.lifecycle().unlock();
        }
    }

    private static void reservable(String name) {
        if (!name.matches(ContainerCreation.NAME)) {
            throw ApiException.invalid("Error when allocating new name: Invalid container name (/" + name
                    + "), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed");
        }
    }
}
