package io.berth.store.durable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Files in memory that crash like a disk: {@link #crash} keeps, loses, zeroes, tears or flips whatever was not synced, names
 * as well as content, by a seed. It can also cut the power in the middle of an operation ({@link #failAfter}).
 */
public final class ForgetfulFiles implements DurableFiles {

    /** The power went off; everything after it fails too. */
    public static final class PowerCut extends RuntimeException {}

    private static final class Content {
        byte[] durable = new byte[0];
        byte[] current = new byte[0];
        final List<int[]> unsynced = new ArrayList<>();
    }

    private record Change(Path removed, Path added, Content content) {
        boolean isIn(Path directory) {
            return removed != null && removed.getParent().equals(directory)
                    || added != null && added.getParent().equals(directory);
        }

        void applyTo(Map<Path, Content> names) {
            if (removed != null) {
                names.remove(removed);
            }
            if (added != null) {
                names.put(added, content);
            }
        }
    }

    private final Map<Path, Content> durableNames = new TreeMap<>();
    private final Map<Path, Content> names = new TreeMap<>();
    private final List<Change> unsyncedNames = new ArrayList<>();
    private long operationsLeft = Long.MAX_VALUE;
    private long operations;

    /** Cuts the power when {@code operations} more changes have been made. */
    public synchronized ForgetfulFiles failAfter(long operations) {
        operationsLeft = operations;
        return this;
    }

    /** Changes made so far. */
    public synchronized long operations() {
        return operations;
    }

    /** What is found after the power is back. */
    public synchronized ForgetfulFiles crash(long seed) {
        Random random = new Random(seed);
        for (Change change : unsyncedNames) {
            if (random.nextBoolean()) {
                change.applyTo(durableNames);
            }
        }
        ForgetfulFiles after = new ForgetfulFiles();
        Map<Content, Content> survivors = new IdentityHashMap<>();
        durableNames.forEach((path, content) -> {
            Content kept = survivors.computeIfAbsent(content, lost -> survivor(lost, random));
            after.names.put(path, kept);
            after.durableNames.put(path, kept);
        });
        return after;
    }

    private static Content survivor(Content lost, Random random) {
        Content kept = new Content();
        byte[] bytes = lost.durable.clone();
        for (int[] write : lost.unsynced) {
            int from = write[0];
            int to = Math.min(write[1], lost.current.length);
            // A write may tear at any page, and here at any byte.
            int reached = random.nextInt(4) == 0 ? from + random.nextInt(Math.max(1, to - from)) : to;
            switch (random.nextInt(5)) {
                case 0 -> { }
                case 1 -> {
                    bytes = grown(bytes, reached);
                    Arrays.fill(bytes, from, reached, (byte) 0);
                }
                case 2 -> {
                    bytes = grown(bytes, reached);
                    System.arraycopy(lost.current, from, bytes, from, reached - from);
                    if (reached > from) {
                        bytes[from + random.nextInt(reached - from)] ^= (byte) (1 << random.nextInt(8));
                    }
                }
                default -> {
                    bytes = grown(bytes, reached);
                    System.arraycopy(lost.current, from, bytes, from, reached - from);
                }
            }
        }
        kept.durable = bytes;
        kept.current = bytes.clone();
        return kept;
    }

    private static byte[] grown(byte[] bytes, int size) {
        return size > bytes.length ? Arrays.copyOf(bytes, size) : bytes;
    }

    private void count() {
        if (operationsLeft <= 0) {
            throw new PowerCut();
        }
        operationsLeft--;
        operations++;
    }

    @Override
    public synchronized OpenFile create(Path path) {
        count();
        if (names.containsKey(path)) {
            throw new UncheckedIOException(new IOException("create " + path + ": it exists"));
        }
        Content content = new Content();
        change(new Change(null, path, content));
        return new Opened(content);
    }

    @Override
    public synchronized Optional<OpenFile> find(Path path) {
        return Optional.ofNullable(names.get(path)).map(Opened::new);
    }

    private void change(Change change) {
        change.applyTo(names);
        unsyncedNames.add(change);
    }

    @Override
    public synchronized OpenFile open(Path path) {
        Content content = names.get(path);
        if (content == null) {
            throw new UncheckedIOException(new IOException("open " + path + ": it does not exist"));
        }
        return new Opened(content);
    }

    @Override
    public synchronized boolean exists(Path path) {
        return names.containsKey(path);
    }

    @Override
    public synchronized void rename(Path from, Path to) {
        count();
        change(new Change(from, to, names.get(from)));
    }

    @Override
    public synchronized void delete(Path path) {
        if (names.containsKey(path)) {
            count();
            change(new Change(path, null, null));
        }
    }

    @Override
    public synchronized List<String> list(Path directory) {
        TreeSet<String> entries = new TreeSet<>();
        names.keySet().stream().filter(path -> directory.equals(path.getParent()))
                .forEach(path -> entries.add(path.getFileName().toString()));
        return List.copyOf(entries);
    }

    @Override
    public void makeDirectories(Path directory) {
        // Directories are there as soon as something is in them.
    }

    @Override
    public synchronized void syncDirectory(Path directory) {
        count();
        List<Change> here = unsyncedNames.stream().filter(change -> change.isIn(directory)).toList();
        here.forEach(change -> change.applyTo(durableNames));
        unsyncedNames.removeAll(here);
    }

    private final class Opened implements OpenFile {

        private final Content content;

        private Opened(Content content) {
            this.content = content;
        }

        @Override
        public void read(long position, ByteBuffer into) {
            synchronized (ForgetfulFiles.this) {
                int from = (int) Math.min(position, content.current.length);
                into.put(content.current, from, Math.min(into.remaining(), content.current.length - from));
            }
        }

        @Override
        public void write(long position, ByteBuffer bytes) {
            synchronized (ForgetfulFiles.this) {
                count();
                int from = (int) position;
                int to = from + bytes.remaining();
                content.current = grown(content.current, to);
                bytes.get(content.current, from, to - from);
                content.unsynced.add(new int[] {from, to});
            }
        }

        @Override
        public long size() {
            synchronized (ForgetfulFiles.this) {
                return content.current.length;
            }
        }

        @Override
        public void sync() {
            synchronized (ForgetfulFiles.this) {
                count();
                content.durable = content.current.clone();
                content.unsynced.clear();
            }
        }

        @Override
        public void close() {
            // Nothing is kept open.
        }
    }
}
