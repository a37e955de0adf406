package io.berth.linux.keeper;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.linux.keeper.log.LogOptions;
import io.berth.linux.keeper.log.LogQuery;
import io.berth.linux.keeper.log.LogReader;
import io.berth.linux.kernel.Argument;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.JnrKernel;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SocketCalls;
import io.berth.linux.kernel.SystemCall;
import io.berth.linux.kernel.SystemCallException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The pump in this process, with pipes in the place of processes. Needs no root. */
@Timeout(60)
class StdioPumpTest {

    private final Kernel real = new JnrKernel();
    /** What splice(2) moved. */
    private final AtomicLong spliced = new AtomicLong();
    private final Kernel kernel = new Kernel() {
        @Override
        public long call(SystemCall call, Argument... arguments) {
            return real.call(call, arguments);
        }

        @Override
        public long attempt(SystemCall call, Argument... arguments) {
            long result = real.attempt(call, arguments);
            spliced.addAndGet(call == SystemCall.SPLICE ? Math.max(0, result) : 0);
            return result;
        }
    };
    private final FileCalls files = new FileCalls(kernel);
    private final SocketCalls sockets = new SocketCalls(kernel);
    private final BlockingQueue<String> words = new LinkedBlockingQueue<>();
    private final List<Fd> opened = new ArrayList<>();
    @TempDir
    private Path directory;
    private final StdioPump pump = new StdioPump(kernel, new StdioPump.Listener() {
        @Override
        public void drained(Stdio stdio) {
            words.add("drained " + stdio.key());
            pump.dismiss(stdio);
        }

        @Override
        public void detached(Stdio stdio, long tag) {
            words.add("detached " + stdio.key() + " " + tag);
        }

        @Override
        public void logLost(Stdio stdio, long chunks, long bytes, String why) {
            words.add("lost " + stdio.key() + " " + chunks + " " + bytes);
        }
    }, (thread, failure) -> words.add(failure.toString()));

    @AfterEach
    void stop() {
        pump.stop();
        opened.forEach(Fd::close);
    }

    /** A process that is not there: the ends a container would have. */
    private record Ends(Stdio stdio, Fd stdin, Fd stdout, Fd stderr) {
    }

    @Test
    void outputGoesIntoTheLogAndInFramesToEveryClient() throws InterruptedException {
        FileCalls.Pipe one = pair();
        FileCalls.Pipe two = pair();
        Ends ends = open("c", LogOptions.in(directory.toString()), client(one, false, true, true), client(two, false, false, true));
        files.write(ends.stdout(), "to stdout\n");
        files.write(ends.stderr(), "to stderr\n");
        TestPeer first = new TestPeer(kernel, one.readEnd());
        first.await(text -> text.contains("to stdout\n") && text.contains("to stderr\n"));
        pump.drain(ends.stdio());
        assertEquals("drained c", word());
        byte[] frames = first.awaitEnd();
        assertEquals("to stdout\n", TestPeer.unframed(frames, 1));
        assertEquals("to stderr\n", TestPeer.unframed(frames, 2));
        byte[] errors = new TestPeer(kernel, two.readEnd()).awaitEnd();
        assertArrayEquals(new byte[] {2, 0, 0, 0, 0, 0, 0, 10}, Arrays.copyOf(errors, 8));
        assertEquals(18, errors.length);
        assertEquals(2, log().size());
    }

    @Test
    void whatIsInThePipesAtTheEndIsLoggedThoughSomebodyHoldsThemOpen() throws InterruptedException {
        FileCalls.Pipe slow = pair();
        Ends ends = open("c", LogOptions.in(directory.toString()), client(slow, false, true, true));
        files.write(ends.stdout(), "last words");
        pump.drain(ends.stdio());
        assertEquals("drained c", word());
        assertEquals(List.of("last words"), log());
        assertEquals("last words", TestPeer.unframed(new TestPeer(kernel, slow.readEnd()).awaitEnd(), 1));
    }

    @Test
    void aSlowClientHoldsBackItsOwnProcessAndNoOther() throws Exception {
        FileCalls.Pipe slow = pair();
        Ends held = open("held", LogOptions.none(), client(slow, false, true, true));
        Ends free = open("free", LogOptions.in(directory.toString()));
        files.setNonBlocking(held.stdout());
        byte[] content = pattern(8 << 20);
        NativeBuffer native8 = NativeBuffer.of(content);
        CompletableFuture<Integer> stopped = new CompletableFuture<>();
        Thread.ofPlatform().start(() -> stopped.complete(writeUntilHeld(held.stdout(), native8)));
        int written = stopped.get(20, TimeUnit.SECONDS);
        assertTrue(written > 1 << 20 && written < 3 << 20, written + " bytes were taken for a client that does not read");
        files.write(free.stdout(), "not disturbed\n");
        pump.drain(free.stdio());
        assertEquals("drained free", word());
        assertEquals(List.of("not disturbed\n"), log());

        CompletableFuture<byte[]> received = new CompletableFuture<>();
        Thread.ofPlatform().start(() -> received.complete(new TestPeer(kernel, slow.readEnd()).awaitEnd()));
        writeAll(held.stdout(), native8, written);
        pump.drain(held.stdio());
        assertEquals("drained held", word());
        String arrived = TestPeer.unframed(received.get(20, TimeUnit.SECONDS), 1);
        assertEquals(new String(content, StandardCharsets.ISO_8859_1), arrived);
    }

    @Test
    void aBusyStreamWithOneClientAndNoLogIsMovedWithoutBeingCopiedAndKeepsItsOrder() throws Exception {
        FileCalls.Pipe only = pair();
        Ends ends = open("c", LogOptions.none(), client(only, false, true, true));
        byte[] content = pattern(16 << 20);
        CompletableFuture<byte[]> received = new CompletableFuture<>();
        Thread.ofPlatform().start(() -> received.complete(new TestPeer(kernel, only.readEnd()).awaitEnd()));
        writeInLargePieces(ends.stdout(), content);
        pump.drain(ends.stdio());
        assertEquals("drained c", word());
        assertEquals(new String(content, StandardCharsets.ISO_8859_1), TestPeer.unframed(received.get(20, TimeUnit.SECONDS), 1));
        assertTrue(spliced.get() > 0, "nothing was moved by splice(2)"); // how much depends on how fast the client reads
        assertEquals(WidePipes.WIDE, kernel.call(SystemCall.FCNTL, ends.stdout(), Argument.of(1032), Argument.NULL), "F_GETPIPE_SZ");
    }

    @Test
    void aBusyStreamIsReadAsSoonAsASecondClientWantsIt() throws Exception {
        FileCalls.Pipe first = pair();
        FileCalls.Pipe second = pair();
        Ends ends = open("c", LogOptions.none(), client(first, false, true, true));
        byte[] content = pattern(8 << 20);
        CompletableFuture<byte[]> all = new CompletableFuture<>();
        CompletableFuture<byte[]> rest = new CompletableFuture<>();
        Thread.ofPlatform().start(() -> all.complete(new TestPeer(kernel, first.readEnd()).awaitEnd()));
        writeInLargePieces(ends.stdout(), content);
        pump.attach(ends.stdio(), client(second, false, true, true));
        Thread.ofPlatform().start(() -> rest.complete(new TestPeer(kernel, second.readEnd()).awaitEnd()));
        writeInLargePieces(ends.stdout(), content);
        pump.drain(ends.stdio());
        assertEquals("drained c", word());
        String twice = new String(content, StandardCharsets.ISO_8859_1).repeat(2);
        assertEquals(twice, TestPeer.unframed(all.get(20, TimeUnit.SECONDS), 1));
        assertTrue(twice.endsWith(TestPeer.unframed(rest.get(20, TimeUnit.SECONDS), 1)));
    }

    @Test
    void aBusyStreamIsLoggedWhole() throws Exception {
        FileCalls.Pipe only = pair();
        Ends ends = open("c", LogOptions.in(directory.toString()), client(only, false, true, true));
        byte[] content = pattern(4 << 20);
        CompletableFuture<byte[]> received = new CompletableFuture<>();
        Thread.ofPlatform().start(() -> received.complete(new TestPeer(kernel, only.readEnd()).awaitEnd()));
        writeInLargePieces(ends.stdout(), content);
        pump.drain(ends.stdio());
        assertEquals("drained c", word());
        assertEquals(new String(content, StandardCharsets.ISO_8859_1), String.join("", log()));
        assertEquals(new String(content, StandardCharsets.ISO_8859_1), TestPeer.unframed(received.get(20, TimeUnit.SECONDS), 1));
    }

    @Test
    void aBusyStreamWhoseOneClientDoesNotReadForAWhileIsHeldBackAndLosesNothing() throws Exception {
        FileCalls.Pipe slow = pair();
        Ends ends = open("c", LogOptions.none(), client(slow, false, true, true));
        byte[] content = pattern(16 << 20);
        CompletableFuture<Void> written = writing(ends.stdout(), content);
        TestPeer peer = new TestPeer(kernel, slow.readEnd());
        // Now reading, now not: each time the socket runs full in the middle of a frame, and then runs empty.
        for (int i = 1; i <= 8; i++) {
            peer.awaitBytes(i << 20);
            LockSupport.parkNanos(20_000_000);
        }
        CompletableFuture<byte[]> all = new CompletableFuture<>();
        Thread.ofPlatform().start(() -> all.complete(peer.awaitEnd()));
        written.get(20, TimeUnit.SECONDS);
        pump.drain(ends.stdio());
        assertEquals("drained c", word());
        assertEquals(new String(content, StandardCharsets.ISO_8859_1), TestPeer.unframed(all.get(20, TimeUnit.SECONDS), 1));
    }

    @Test
    void aVanishedClientOfABusyStreamHoldsNothingBack() throws Exception {
        FileCalls.Pipe gone = pair();
        Ends ends = open("c", LogOptions.none(), client(gone, false, true, true));
        CompletableFuture<Void> written = writing(ends.stdout(), pattern(16 << 20));
        new TestPeer(kernel, gone.readEnd()).awaitBytes(4 << 20);
        gone.readEnd().close();
        written.get(20, TimeUnit.SECONDS);
        pump.drain(ends.stdio());
        assertEquals("drained c", word());
    }

    @Test
    void theEndIsNotHeldUpByAClientThatDoesNotRead() throws Exception {
        FileCalls.Pipe slow = pair();
        Ends ends = open("c", LogOptions.none(), client(slow, false, true, true));
        byte[] content = new byte[600_000];
        writeAll(ends.stdout(), NativeBuffer.of(content), 0);
        pump.drain(ends.stdio());
        assertEquals("drained c", word());
        assertEquals(content.length, TestPeer.unframed(new TestPeer(kernel, slow.readEnd()).awaitEnd(), 1).length());
    }

    @Test
    void aVanishedClientDisturbsNobody() throws InterruptedException {
        FileCalls.Pipe gone = pair();
        FileCalls.Pipe stays = pair();
        Ends ends = open("c", LogOptions.none(), client(gone, true, true, true), client(stays, false, true, true));
        gone.readEnd().close();
        TestPeer peer = new TestPeer(kernel, stays.readEnd());
        for (int i = 0; i < 100; i++) {
            String line = "line " + i + "\n";
            files.write(ends.stdout(), line);
            peer.await(text -> text.endsWith(line));
        }
        pump.drain(ends.stdio());
        assertEquals("drained c", word());
    }

    @Test
    void inputOfManyClientsArrivesAndAFullProcessHoldsThemBack() throws Exception {
        FileCalls.Pipe one = pair();
        Ends ends = open("c", LogOptions.none(), new Attachment(one.writeEnd(), 1, true, true, true, true, true, new byte[0], new byte[0]));
        byte[] content = new byte[4 << 20];
        Arrays.fill(content, (byte) 'i');
        files.setNonBlocking(one.readEnd());
        NativeBuffer bytes = NativeBuffer.of(content);
        CompletableFuture<Integer> stopped = new CompletableFuture<>();
        Thread.ofPlatform().start(() -> stopped.complete(writeUntilHeld(one.readEnd(), bytes)));
        int written = stopped.get(20, TimeUnit.SECONDS);
        assertTrue(written < 2 << 20, written + " bytes of input were taken for a process that does not read");
        CompletableFuture<Integer> read = new CompletableFuture<>();
        Thread.ofPlatform().start(() -> read.complete(new TestPeer(kernel, ends.stdin()).awaitEnd().length));
        writeAll(one.readEnd(), bytes, written);
        sockets.shutdown(one.readEnd(), SocketCalls.SHUT_WR);
        assertEquals(content.length, read.get(20, TimeUnit.SECONDS));
    }

    @Test
    void detachKeysCloseTheClientAndNotTheInput() throws InterruptedException {
        FileCalls.Pipe one = pair();
        Ends ends = open("c", LogOptions.none(), new Attachment(one.writeEnd(), 42, true, true, true, false, true, new byte[] {16, 17}, new byte[0]));
        TestPeer peer = new TestPeer(kernel, one.readEnd());
        peer.send("abc\u0010");
        peer.send("\u0011def");
        assertEquals("detached c 42", word());
        assertEquals(0, peer.awaitEnd().length);
        pump.closeInput(ends.stdio());
        assertEquals("abc", new String(new TestPeer(kernel, ends.stdin()).awaitEnd(), StandardCharsets.US_ASCII));
    }

    @Test
    void aClientWhoseInputEndsWithoutEndingTheProcesssLeaves() throws InterruptedException {
        FileCalls.Pipe one = pair();
        Ends ends = open("c", LogOptions.none(), new Attachment(one.writeEnd(), 1, true, true, true, false, false, new byte[0], new byte[0]));
        TestPeer peer = new TestPeer(kernel, one.readEnd());
        peer.send("kept\n");
        sockets.shutdown(one.readEnd(), SocketCalls.SHUT_WR);
        assertEquals(0, peer.awaitEnd().length);
        files.setNonBlocking(ends.stdin());
        NativeBuffer buffer = NativeBuffer.allocate(100);
        assertEquals(5, files.read(ends.stdin(), buffer, 0, 100));
        assertEquals(Errno.EAGAIN, assertThrows(SystemCallException.class, () -> files.read(ends.stdin(), buffer, 0, 100)).errno());
        pump.drain(ends.stdio());
        assertEquals("drained c", word());
    }

    private Ends open(String key, LogOptions log, Attachment... clients) {
        FileCalls.Pipe stdin = files.pipe();
        FileCalls.Pipe stdout = files.pipe();
        FileCalls.Pipe stderr = files.pipe();
        files.setNonBlocking(stdin.writeEnd());
        files.setNonBlocking(stdout.readEnd());
        files.setNonBlocking(stderr.readEnd());
        opened.addAll(List.of(stdin.readEnd(), stdout.writeEnd(), stderr.writeEnd()));
        Stdio stdio = pump.open(key, 1, List.of(new LaunchRequest.Descriptor(LaunchRequest.Role.STDIN, stdin.writeEnd()),
                new LaunchRequest.Descriptor(LaunchRequest.Role.STDOUT, stdout.readEnd()),
                new LaunchRequest.Descriptor(LaunchRequest.Role.STDERR, stderr.readEnd())), log, List.of(clients));
        return new Ends(stdio, stdin.readEnd(), stdout.writeEnd(), stderr.writeEnd());
    }

    private FileCalls.Pipe pair() {
        FileCalls.Pipe pair = sockets.pair(SocketCalls.SOCK_STREAM);
        opened.add(pair.readEnd());
        return pair;
    }

    private static Attachment client(FileCalls.Pipe pair, boolean stdin, boolean stdout, boolean stderr) {
        return new Attachment(pair.writeEnd(), 1, stdin, stdout, stderr, true, false, new byte[0], new byte[0]);
    }

    private static byte[] pattern(int length) {
        byte[] content = new byte[length];
        for (int i = 0; i < length; i++) {
            content[i] = (byte) (i * 31 >>> 3);
        }
        return content;
    }

    private void writeInLargePieces(Fd fd, byte[] content) {
        NativeBuffer bytes = NativeBuffer.of(content);
        for (int at = 0; at < content.length; ) {
            at += files.write(fd, bytes, at, Math.min(128 * 1024, content.length - at));
        }
    }

    /** On a thread of its own; done when all has been taken. */
    private CompletableFuture<Void> writing(Fd fd, byte[] content) {
        CompletableFuture<Void> written = new CompletableFuture<>();
        Thread.ofPlatform().daemon().start(() -> {
            writeInLargePieces(fd, content);
            written.complete(null);
        });
        return written;
    }

    /** How much was taken before nothing more was for half a second. */
    private int writeUntilHeld(Fd fd, NativeBuffer content) {
        int written = 0;
        while (written < content.size() && writable(fd, 500)) {
            written += files.write(fd, content, written, Math.min(4096, content.size() - written));
        }
        return written;
    }

    private void writeAll(Fd fd, NativeBuffer content, int from) {
        for (int at = from; at < content.size() && writable(fd, 20_000); ) {
            at += files.write(fd, content, at, Math.min(4096, content.size() - at));
        }
    }

    /** ppoll(2) for POLLOUT. */
    private boolean writable(Fd fd, int milliseconds) {
        NativeBuffer poll = NativeBuffer.allocate(8);
        poll.bytes().putInt(0, fd.number()).putShort(4, (short) 4);
        NativeBuffer time = NativeBuffer.allocate(16);
        time.bytes().putLong(0, milliseconds / 1000).putLong(8, milliseconds % 1000 * 1_000_000L);
        return kernel.retry(SystemCall.PPOLL, poll, Argument.of(1), time, Argument.NULL, Argument.NULL) == 1;
    }

    private List<String> log() {
        List<String> lines = new ArrayList<>();
        new LogReader(kernel, directory.toString()).read(LogQuery.all(), line -> lines.add(new String(line.bytes(), StandardCharsets.ISO_8859_1)));
        return lines;
    }

    private String word() throws InterruptedException {
        String word = words.poll(20, TimeUnit.SECONDS);
        assertTrue(word != null, "the pump said nothing");
        return word;
    }
}
