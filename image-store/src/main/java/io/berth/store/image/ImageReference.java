package io.berth.store.image;

import io.berth.store.content.Digest;
import io.berth.store.content.StoreException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of an image: where it comes from, its repository there, and a tag, a digest, or both. Always complete: what people
 * leave out ({@code docker.io}, {@code library/}) is filled in when it is read and left out again by {@link #familiar}. The
 * grammar and the refusals are those of the reference engine (distribution/reference).
 *
 * @param domain host and perhaps port of the registry
 * @param path the repository, without the domain
 */
public record ImageReference(String domain, String path, Optional<String> tag, Optional<Digest> digest)
        implements Comparable<ImageReference> {

    private static final String DEFAULT_DOMAIN = "docker.io";
    private static final String LEGACY_DEFAULT_DOMAIN = "index.docker.io";
    private static final String OFFICIAL = "library/";
    private static final String DEFAULT_TAG = "latest";
    /** Of the repository; the registry's host does not count. */
    private static final int LONGEST_PATH = 255;
    private static final int SHA_256_DIGITS = 64;

    private static final String DOMAIN_PART = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
    private static final String DOMAIN =
            "(?:" + DOMAIN_PART + "(?:\\." + DOMAIN_PART + ")*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?";
    private static final String PATH_PART = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
    private static final String TAG = "[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}";
    private static final String DIGEST =
            "[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}";
    private static final Pattern REFERENCE = Pattern.compile(
            "(" + DOMAIN + ")/(" + PATH_PART + "(?:/" + PATH_PART + ")*)(?::(" + TAG + "))?(?:@(" + DIGEST + "))?");
    private static final Pattern IDENTIFIER = Pattern.compile("[a-f0-9]{64}");

    /**
     * Reads a name as people write it: {@code busybox}, {@code me/app:1.0}, {@code host:5000/app@sha256:…}.
     *
     * @throws StoreException invalid, with the reference engine's text
     */
    public static ImageReference parse(String text) {
        if (IDENTIFIER.matcher(text).matches()) {
            throw StoreException.invalid(
                    "invalid repository name (" + text + "), cannot specify 64-byte hexadecimal strings");
        }
        int slash = text.indexOf('/');
        String first = slash < 0 ? "" : text.substring(0, slash);
        boolean hasDomain = first.equals("localhost") || first.indexOf('.') >= 0 || first.indexOf(':') >= 0
                || !first.equals(first.toLowerCase(Locale.ROOT));
        String domain = !hasDomain || first.equals(LEGACY_DEFAULT_DOMAIN) ? DEFAULT_DOMAIN : first;
        String rest = hasDomain ? text.substring(slash + 1) : text;
        if (domain.equals(DEFAULT_DOMAIN) && rest.indexOf('/') < 0) {
            rest = OFFICIAL + rest;
        }
        refuseUpperCase(rest);
        return match(domain + '/' + rest);
    }

    private static void refuseUpperCase(String rest) {
        int colon = rest.indexOf(':');
        String repository = colon < 0 ? rest : rest.substring(0, colon);
        if (!repository.equals(repository.toLowerCase(Locale.ROOT))) {
            throw StoreException.invalid("invalid reference format: repository name (" + repository + ") must be lowercase");
        }
    }

    private static ImageReference match(String complete) {
        Matcher parts = REFERENCE.matcher(complete);
        if (!parts.matches()) {
            throw StoreException.invalid("invalid reference format");
        }
        if (parts.group(2).length() > LONGEST_PATH) {
            throw StoreException.invalid("repository name must not be more than 255 characters");
        }
        Optional<Digest> digest = Optional.ofNullable(parts.group(4)).map(ImageReference::digestOf);
        return new ImageReference(parts.group(1), parts.group(2), Optional.ofNullable(parts.group(3)), digest);
    }

    private static Digest digestOf(String text) {
        String hex = text.substring(text.indexOf(':') + 1);
        if (!text.startsWith("sha256:")) {
            throw StoreException.invalid("unsupported digest algorithm");
        }
        if (hex.length() != SHA_256_DIGITS) {
            throw StoreException.invalid("invalid checksum digest length");
        }
        if (!Digest.isDigest(text)) {
            throw StoreException.invalid("invalid checksum digest format");
        }
        return Digest.parse(text);
    }

    /** Whether a text names an image by a whole digest, with its algorithm or without, and so is no name. */
    public static boolean isIdentifier(String text) {
        return IDENTIFIER.matcher(text).matches() || Digest.isDigest(text);
    }

    /** Domain and path. */
    public String name() {
        return domain + '/' + path;
    }

    public boolean isNameOnly() {
        return tag.isEmpty() && digest.isEmpty();
    }

    /** With the tag {@code latest} when it has neither tag nor digest. */
    public ImageReference withDefaultTag() {
        return isNameOnly() ? withTag(DEFAULT_TAG) : this;
    }

    /** @throws StoreException invalid, when the tag is none */
    public ImageReference withTag(String newTag) {
        if (!newTag.matches(TAG)) {
            throw StoreException.invalid("invalid tag format");
        }
        return new ImageReference(domain, path, Optional.of(newTag), Optional.empty());
    }

    public ImageReference withDigest(Digest newDigest) {
        return new ImageReference(domain, path, Optional.empty(), Optional.of(newDigest));
    }

    /** As the store keeps it: a digest makes the tag meaningless. */
    ImageReference key() {
        return digest.isPresent() ? withDigest(digest.get()) : withDefaultTag();
    }

    /** Domain and path as short as people know them. */
    public String familiarName() {
        if (!domain.equals(DEFAULT_DOMAIN)) {
            return name();
        }
        boolean official = path.startsWith(OFFICIAL) && path.indexOf('/', OFFICIAL.length()) < 0;
        return official ? path.substring(OFFICIAL.length()) : path;
    }

    /** As people know it, {@code busybox:latest}. */
    public String familiar() {
        return familiarName() + suffix();
    }

    private String suffix() {
        return tag.map(t -> ":" + t).orElse("") + digest.map(d -> "@" + d).orElse("");
    }

    @Override
    public int compareTo(ImageReference other) {
        return toString().compareTo(other.toString());
    }

    /** Complete. */
    @Override
    public String toString() {
        return name() + suffix();
    }
}
