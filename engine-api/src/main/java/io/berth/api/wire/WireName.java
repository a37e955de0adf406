package io.berth.api.wire;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The name of a field in the JSON where it is not the Java name in upper camel case, such as {@code OOMKilled}. Jackson's own
 * annotation would do, but moves the field behind the others.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.FIELD, ElementType.METHOD, ElementType.PARAMETER, ElementType.RECORD_COMPONENT})
public @interface WireName {
    String value();
}
