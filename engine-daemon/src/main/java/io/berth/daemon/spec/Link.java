package io.berth.daemon.spec;

import io.berth.api.http.ApiException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A container that another one finds by a name of its own ({@code --link target:alias}). The other one is the one in whose
 * {@link Definition} this is.
 *
 * @param target its id
 * @param name its name when it was linked to, shown when it is gone
 * @param alias what the other one calls it; may have parts like a path, of which the last is a host name
 */
public record Link(String target, String name, String alias) {

    /**
     * What a client asks for.
     *
     * @param target a name or an id
     * @param alias empty for none: then there is no link, as in the reference engine
     */
    public record Request(String target, String alias) {
    }

    /**
     * {@code target}, {@code target:alias}, or {@code /target:/child/alias} as inspect shows it.
     *
     * @throws ApiException in the reference engine's words; invalid, for an alias that would be more than a name in a file of hosts
     */
    public static Request parse(String text) {
        if (text.isEmpty()) {
            throw new ApiException(ApiException.Kind.INTERNAL, "empty string specified for links");
        }
        String[] parts = text.split(":", -1);
        if (parts.length > 2) {
            throw new ApiException(ApiException.Kind.INTERNAL, "bad format for links: " + text);
        }
        boolean shown = parts.length == 2 && parts[0].startsWith("/");
        String target = shown ? parts[0].substring(1) : parts[0];
        String alias = parts[parts.length - 1];
        return new Request(target, shown ? lastPart(alias) : checked(alias));
    }

    private static String checked(String alias) {
        List<String> parts = Arrays.stream(alias.split("/")).filter(part -> !part.isEmpty()).toList();
        if (!alias.matches("[^\\s\\p{Cntrl}=]*") || parts.contains(".") || parts.contains("..")) {
            throw ApiException.invalid("invalid alias \"" + alias + "\" of a link: it becomes a host name and a part of variables' names");
        }
        return parts.stream().collect(Collectors.joining("/"));
    }

    private static String lastPart(String alias) {
        return checked(alias.substring(alias.lastIndexOf('/') + 1));
    }

    /** What the other container's {@code /etc/hosts} calls it. */
    public String hostname() {
        return alias.substring(alias.lastIndexOf('/') + 1);
    }

    /** The name that the target has by this link, with slashes as the API shows it. */
    public String fullName(String child) {
        return "/" + child + "/" + alias;
    }

    /** A name by a link, {@code child/alias}. */
    public record Name(String child, String alias) {

        /** Empty for a container's own name. */
    public static Optional<Name> of(String text) {
            String bare = text.startsWith("/") ? text.substring(1) : text;
            int slash = bare.indexOf('/');
            return slash < 0 ? Optional.empty() : Optional.of(new Name(bare.substring(0, slash), bare.substring(slash + 1)));
        }
    }
}
