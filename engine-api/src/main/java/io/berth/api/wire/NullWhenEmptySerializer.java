package io.berth.api.wire;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.SerializerProvider;
import java.io.IOException;
import java.util.Collection;
import java.util.Map;

/** Writes the collections marked by {@link NullWhenEmpty}. */
final class NullWhenEmptySerializer extends JsonSerializer<Object> {
    @Override
    public void serialize(Object value, JsonGenerator out, SerializerProvider serializers) throws IOException {
        boolean empty = switch (value) {
            case Collection<?> collection -> collection.isEmpty();
            case Map<?, ?> map -> map.isEmpty();
            default -> throw new IllegalStateException("NullWhenEmpty stands on a " + value.getClass().getName());
        };
        if (empty) {
            out.writeNull();
        } else {
            serializers.defaultSerializeValue(value, out);
        }
    }
}
