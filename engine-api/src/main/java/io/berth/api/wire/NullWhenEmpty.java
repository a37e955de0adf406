package io.berth.api.wire;

import com.fasterxml.jackson.annotation.JacksonAnnotationsInside;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The list or map is written as {@code null} when it is empty. The reference engine sends null for lists that nobody filled, and
 * an empty list for others; Java code sees an empty collection in both cases.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.FIELD, ElementType.RECORD_COMPONENT, ElementType.METHOD})
@JacksonAnnotationsInside
@JsonSerialize(using = NullWhenEmptySerializer.class)
public @interface NullWhenEmpty {
}
