package io.berth.store.durable;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a journal file holds. A hole between records means one of two things. Each record says up to where the file was durable
 * when it was written: a hole below that is damage to what was promised, it is skipped and reported. Any other is the work of a
 * power cut on records nobody was promised: everything from there on is cut off, for a later record may rest on a lost one.
 *
 * @param promised the offset below which the file is known to be durable
 * @param end where the next record goes
 * @param leavesGarbage whether something other than zeros follows
 */
record JournalReplay(long generation, List<byte[]> records, long promised, int end, boolean leavesGarbage, List<String> damage) {

    private record Placed(int offset, JournalFormat.Found record) {}

    static JournalReplay of(Path path, byte[] content) {
        ByteBuffer file = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
        int magic = JournalFormat.MAGIC.length;
        if (content.length < JournalFormat.HEADER_SIZE
                || !Arrays.equals(content, 0, magic, JournalFormat.MAGIC, 0, magic)) {
            throw new CorruptJournalException("open journal " + path + ": its header is damaged or of another version; "
                    + "restore it from a backup, or move it away to start empty");
        }
        long generation = file.getLong(magic);
        List<Placed> found = findAll(file, generation);
        long promised = found.stream().mapToLong(placed -> placed.record().synced()).max().orElse(0);

        List<byte[]> records = new ArrayList<>();
        List<String> damage = new ArrayList<>();
        int end = JournalFormat.HEADER_SIZE;
        for (Placed placed : found) {
            if (placed.offset() > end) {
                if (end >= promised) {
                    break;
                }
                damage.add("journal " + path + ": bytes " + end + " to " + placed.offset() + " are damaged and were skipped");
            }
            records.add(placed.record().payload());
            end = placed.record().end();
        }
        return new JournalReplay(generation, records, promised, end, hasGarbage(content, end), damage);
    }

    /** Records begin at multiples of eight, so after a hole the next one is looked for there. */
    private static List<Placed> findAll(ByteBuffer file, long generation) {
        List<Placed> found = new ArrayList<>();
        int offset = JournalFormat.HEADER_SIZE;
        while (offset < file.limit()) {
            JournalFormat.Found record = JournalFormat.find(file, generation, offset);
            if (record == null) {
                offset += 8;
            } else {
                found.add(new Placed(offset, record));
                offset = record.end();
            }
        }
        return found;
    }

    private static boolean hasGarbage(byte[] content, int from) {
        for (int i = from; i < content.length; i++) {
            if (content[i] != 0) {
                return true;
            }
        }
        return false;
    }
}
