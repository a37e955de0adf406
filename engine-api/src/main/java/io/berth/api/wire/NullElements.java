package io.berth.api.wire;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;

/**
 * What a null inside a list or map becomes: the zero value of a text or number, as in the reference engine, so that code which
 * reads a request never meets one. A record has no zero value here, and a null in its place is refused. Where the element is a
 * list or map itself, as the bindings of a port are, or a struct, as the settings of a network are, a null stays: clients send it
 * for an empty one.
 */
final class NullElements extends JacksonAnnotationIntrospector {
    private static final long serialVersionUID = 1;

    @Override
    public JsonSetter.Value findSetterInfo(Annotated property) {
        JsonSetter.Value own = super.findSetterInfo(property);
        JavaType type = property.getType();
        if (type == null || !type.isContainerType() || own.getContentNulls() != Nulls.DEFAULT) {
            return own;
        }
        JavaType element = type.getContentType();
        if (element.hasRawClass(String.class) || element.isTypeOrSubTypeOf(Number.class)) {
            return own.withContentNulls(Nulls.AS_EMPTY);
        }
        return element.isRecordType() ? own.withContentNulls(Nulls.FAIL) : own;
    }
}
