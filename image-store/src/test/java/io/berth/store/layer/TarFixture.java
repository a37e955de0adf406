package io.berth.store.layer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** Writes tars by hand, honest and hostile ones. */
public final class TarFixture {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private int mode = 0644;
    private long uid;
    private long mtime = 1_000_000_000L;

    public TarFixture mode(int newMode) {
        mode = newMode;
        return this;
    }

    public TarFixture owner(long id) {
        uid = id;
        return this;
    }

    public TarFixture file(String name, String content) {
        return file(name, content.getBytes(StandardCharsets.UTF_8));
    }

    public TarFixture file(String name, byte[] content) {
        return member('0', name.getBytes(StandardCharsets.UTF_8), "", content, 0, 0);
    }

    public TarFixture file(byte[] name, byte[] content) {
        return member('0', name, "", content, 0, 0);
    }

    public TarFixture directory(String name) {
        return member('5', name.getBytes(StandardCharsets.UTF_8), "", new byte[0], 0, 0);
    }

    public TarFixture symbolicLink(String name, String target) {
        return member('2', name.getBytes(StandardCharsets.UTF_8), target, new byte[0], 0, 0);
    }

    public TarFixture hardLink(String name, String target) {
        return member('1', name.getBytes(StandardCharsets.UTF_8), target, new byte[0], 0, 0);
    }

    public TarFixture device(String name, int major, int minor) {
        return member('3', name.getBytes(StandardCharsets.UTF_8), "", new byte[0], major, minor);
    }

    public TarFixture fifo(String name) {
        return member('6', name.getBytes(StandardCharsets.UTF_8), "", new byte[0], 0, 0);
    }

    /** A record for the next member; the value is bytes. */
    public TarFixture pax(String key, byte[] value) {
        byte[] rest = concat((" " + key + "=").getBytes(StandardCharsets.UTF_8), value, new byte[] {'\n'});
        int length = rest.length;
        while ((length + "").length() + rest.length != length) {
            length = (length + "").length() + rest.length;
        }
        return member('x', "pax".getBytes(), "", concat((length + "").getBytes(), rest), 0, 0);
    }

    public TarFixture pax(String key, String value) {
        return pax(key, value.getBytes(StandardCharsets.UTF_8));
    }

    public TarFixture gnuLongName(String name) {
        return member('L', "././@LongLink".getBytes(), "", (name + '\0').getBytes(StandardCharsets.UTF_8), 0, 0);
    }

    public TarFixture member(char kind, byte[] name, String link, byte[] content, int major, int minor) {
        byte[] header = new byte[512];
        System.arraycopy(name, 0, header, 0, Math.min(100, name.length));
        octal(header, 100, 8, mode);
        number(header, 108, 8, uid);
        number(header, 116, 8, uid);
        octal(header, 124, 12, content.length);
        octal(header, 136, 12, mtime);
        header[156] = (byte) kind;
        byte[] target = link.getBytes(StandardCharsets.UTF_8);
        System.arraycopy(target, 0, header, 157, Math.min(100, target.length));
        System.arraycopy("ustar\00000".getBytes(), 0, header, 257, 8);
        octal(header, 329, 8, major);
        octal(header, 337, 8, minor);
        Arrays.fill(header, 148, 156, (byte) ' ');
        int sum = 0;
        for (byte b : header) {
            sum += b & 0xff;
        }
        octal(header, 148, 8, sum);
        out.writeBytes(header);
        out.writeBytes(content);
        out.writeBytes(new byte[-content.length & 511]);
        return this;
    }

    private static void number(byte[] header, int at, int length, long value) {
        if (value < 1 << 21) {
            octal(header, at, length, value);
            return;
        }
        for (int i = length - 1; i > 0; i--) {
            header[at + i] = (byte) (value >> 8 * (length - 1 - i));
        }
        header[at] = (byte) 0x80;
    }

    private static void octal(byte[] header, int at, int length, long value) {
        byte[] digits = String.format("%0" + (length - 1) + "o", value).getBytes();
        System.arraycopy(digits, 0, header, at, digits.length);
    }

    static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    public byte[] bytes() {
        return concat(out.toByteArray(), new byte[1024]);
    }

    public static byte[] gzip(byte[] content) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(content);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return packed.toByteArray();
    }

    public static byte[] xz(byte[] content) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (XZOutputStream xz = new XZOutputStream(packed, new LZMA2Options())) {
            xz.write(content);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return packed.toByteArray();
    }
}
