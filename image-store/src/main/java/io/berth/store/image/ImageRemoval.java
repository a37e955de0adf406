package io.berth.store.image;

import io.berth.store.content.Digest;
import io.berth.store.content.StoreException;
import io.berth.store.image.ImageIndex.Change;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What removing an image by some text comes to, decided before anything is done. The rules are the reference engine's: a name
 * goes alone while others are left; the last name takes the image along, unless a container needs it; an id, or any other digest, takes all names
 * along if they are of one repository; running containers and children hold an image against all force. An image takes its parents
 * along as far as those have neither a name nor another child nor a container.
 */
final class ImageRemoval {

    private final ImageIndex index;
    private final ImageUsers users;
    private final StoredImage image;
    private final List<ImageReference> gone = new ArrayList<>();
    /** The image and those of its parents that go with it, in this order; empty when only names go. */
    private final List<StoredImage> deleted = new ArrayList<>();
    private boolean retires;

    private ImageRemoval(ImageIndex index, ImageUsers users, StoredImage image) {
        this.index = index;
        this.users = users;
        this.image = image;
    }

    static ImageRemoval plan(ImageIndex index, ImageUsers users, String text, boolean force, boolean prune) {
        StoredImage image = ImageLookup.resolve(index, text);
        ImageRemoval removal = new ImageRemoval(index, users, image);
        if (ImageLookup.isDigestOf(index, image, text)) {
            removal.byId(force);
        } else {
            removal.byName(text, force);
        }
        if (prune && !removal.deleted.isEmpty()) {
            removal.takeParentsAlong();
        }
        return removal;
    }

    /** Of an image that nothing needs; comes to nothing when something does. */
    static ImageRemoval planPrune(ImageIndex index, ImageUsers users, Digest id, boolean tagged) {
        Optional<StoredImage> image = index.visible(id);
        ImageRemoval removal = new ImageRemoval(index, users, image.orElse(new StoredImage(id, Optional.empty(), List.of())));
        List<ImageReference> names = index.namesOf(id);
        boolean needed = image.isEmpty() || !users.usersOf(id).isEmpty() || !index.childrenOf(id).isEmpty()
                || !tagged && names.stream().anyMatch(name -> name.tag().isPresent());
        if (!needed) {
            removal.gone.addAll(names);
            removal.delete();
            removal.takeParentsAlong();
        }
        return removal;
    }

    StoredImage image() {
        return image;
    }

    List<StoredImage> deleted() {
        return deleted;
    }

    /** Whether the image's content stays, because a stopped container stands on it. */
    boolean retires() {
        return retires;
    }

    List<Removed.Untagged> untagged() {
        return gone.stream().map(name -> new Removed.Untagged(name.familiar())).toList();
    }

    List<Change> changes() {
        List<Change> changes = new ArrayList<>();
        gone.forEach(name -> changes.add(new Change.Unname(name)));
        deleted.forEach(one -> changes.add(retires && one == image ? new Change.Retire(one.id()) : new Change.Remove(one.id())));
        return changes;
    }

    private void byName(String text, boolean force) {
        List<ImageReference> names = index.namesOf(image.id());
        if (!force && isSingle(names)) {
            user(user -> true).ifPresent(user -> {
                throw StoreException.conflict("conflict: unable to remove repository reference \"" + text
                        + "\" (must force) - container " + shortId(user) + " is using its referenced image "
                        + image.id().shortHex());
            });
        }
        ImageReference name = ImageReference.parse(text).key();
        // A digest that is no name of its own stands for the names of its repository.
        names.stream().filter(other -> names.contains(name) ? other.equals(name) : other.name().equals(name.name())).forEach(gone::add);
        List<ImageReference> left = without(names, gone);
        boolean tagLeft = left.stream().anyMatch(other -> other.digest().isEmpty() && other.name().equals(name.name()));
        if (name.digest().isEmpty() && !tagLeft) {
            left.stream().filter(other -> other.name().equals(name.name())).forEach(gone::add);
        }
        if (without(names, gone).isEmpty() && conflict(force, List.of()).isEmpty()) {
            delete();
        }
    }

    private void byId(boolean force) {
        List<ImageReference> names = index.namesOf(image.id());
        conflict(force, isSingle(names) ? List.of() : names).ifPresent(refusal -> {
            throw refusal;
        });
        gone.addAll(names);
        delete();
    }

    private void delete() {
        deleted.add(image);
        retires = !users.usersOf(image.id()).isEmpty();
    }

    private void takeParentsAlong() {
        Optional<StoredImage> parent = index.parentOf(image.id());
        while (parent.isPresent() && isUnneeded(parent.get().id())) {
            deleted.add(parent.get());
            parent = index.parentOf(parent.get().id());
        }
    }

    private boolean isUnneeded(Digest parent) {
        List<Digest> going = deleted.stream().map(StoredImage::id).toList();
        return index.namesOf(parent).isEmpty() && going.containsAll(index.childrenOf(parent)) && users.usersOf(parent).isEmpty();
    }

    /** What holds the image, with these names. */
    private Optional<StoreException> conflict(boolean force, List<ImageReference> names) {
        if (!index.childrenOf(image.id()).isEmpty()) {
            return Optional.of(conflict("cannot be forced", "image has dependent child images"));
        }
        Optional<ImageUsers.User> running = user(ImageUsers.User::running);
        if (running.isPresent()) {
            return Optional.of(conflict("cannot be forced", "image is being used by running container " + shortId(running.get())));
        }
        if (force) {
            return Optional.empty();
        }
        if (names.size() > 1) {
            return Optional.of(conflict("must be forced", "image is referenced in multiple repositories"));
        }
        return user(user -> true).map(stopped -> conflict("must be forced", "image is being used by stopped container " + shortId(stopped)));
    }

    private StoreException conflict(String force, String why) {
        return StoreException.conflict("conflict: unable to delete " + image.id().shortHex() + " (" + force + ") - " + why);
    }

    private Optional<ImageUsers.User> user(Predicate<ImageUsers.User> which) {
        return users.usersOf(image.id()).stream().filter(which).findFirst();
    }

    private static String shortId(ImageUsers.User user) {
        return user.containerId().substring(0, Math.min(12, user.containerId().length()));
    }

    private static List<ImageReference> without(List<ImageReference> names, List<ImageReference> gone) {
        return names.stream().filter(name -> !gone.contains(name)).toList();
    }

    /** At most one tag, and every digest of the same repository as that. */
    private static boolean isSingle(List<ImageReference> names) {
        Set<String> repositories = names.stream().map(ImageReference::name).collect(Collectors.toSet());
        long tags = names.stream().filter(name -> name.digest().isEmpty()).count();
        return names.size() <= 1 || tags <= 1 && repositories.size() == 1;
    }
}
