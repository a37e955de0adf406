package io.berth.store.layer;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/** The records of a pax header in the making; {@link PaxRecords} reads them. Values are bytes, whatever the standard says. */
final class PaxHeader {

    private final ByteArrayOutputStream records = new ByteArrayOutputStream();

    void put(String key, String value) {
        put(key.getBytes(US_ASCII), value.getBytes(US_ASCII));
    }

    void put(String key, byte[] value) {
        put(key.getBytes(US_ASCII), value);
    }

    /** An extended attribute, under the key that star invented and everybody uses. */
    void put(TarEntry.Attribute attribute) {
        byte[] prefix = PaxRecords.ATTRIBUTE_PREFIX.getBytes(US_ASCII);
        byte[] key = Arrays.copyOf(prefix, prefix.length + attribute.name().length);
        System.arraycopy(attribute.name(), 0, key, prefix.length, attribute.name().length);
        put(key, attribute.value());
    }

    /** {@code LENGTH KEY=VALUE\n}, where LENGTH counts its own digits too. */
    private void put(byte[] key, byte[] value) {
        int rest = key.length + value.length + 3;
        int length = rest + Integer.toString(rest).length();
        length = rest + Integer.toString(length).length();
        records.writeBytes(Integer.toString(length).getBytes(US_ASCII));
        records.write(' ');
        records.writeBytes(key);
        records.write('=');
        records.writeBytes(value);
        records.write('\n');
    }

    boolean isEmpty() {
        return records.size() == 0;
    }

    byte[] bytes() {
        return records.toByteArray();
    }
}
