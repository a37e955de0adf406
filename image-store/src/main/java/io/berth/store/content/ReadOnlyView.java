package io.berth.store.content;

import io.berth.store.durable.DurableFiles.OpenFile;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;

/** Reads an open file from its beginning, without a position that others share. Closing it leaves the file open. */
final class ReadOnlyView implements ReadableByteChannel {

    private final OpenFile file;
    private final long size;
    private long position;

    ReadOnlyView(OpenFile file, long size) {
        this.file = file;
        this.size = size;
    }

    @Override
    public int read(ByteBuffer into) {
        if (position >= size) {
            return -1;
        }
        int wanted = (int) Math.min(into.remaining(), size - position);
        ByteBuffer part = into.slice(into.position(), wanted);
        file.read(position, part);
        into.position(into.position() + part.position());
        position += part.position();
        return part.position() == 0 && wanted > 0 ? -1 : part.position();
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {
        // The file belongs to whoever opened it.
    }
}
