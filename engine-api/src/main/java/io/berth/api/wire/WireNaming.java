package io.berth.api.wire;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.PropertyNamingStrategy;
import com.fasterxml.jackson.databind.cfg.MapperConfig;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.AnnotatedField;
import com.fasterxml.jackson.databind.introspect.AnnotatedMethod;
import com.fasterxml.jackson.databind.introspect.AnnotatedParameter;

/** Upper camel case, except where {@link WireName} says otherwise. */
final class WireNaming extends PropertyNamingStrategy {
    private static final long serialVersionUID = 1;
    private static final PropertyNamingStrategies.UpperCamelCaseStrategy UPPER_CAMEL =
            new PropertyNamingStrategies.UpperCamelCaseStrategy();

    @Override
    public String nameForField(MapperConfig<?> config, AnnotatedField field, String name) {
        return nameOf(field, name);
    }

    @Override
    public String nameForGetterMethod(MapperConfig<?> config, AnnotatedMethod method, String name) {
        return nameOf(method, name);
    }

    @Override
    public String nameForSetterMethod(MapperConfig<?> config, AnnotatedMethod method, String name) {
        return nameOf(method, name);
    }

    @Override
    public String nameForConstructorParameter(MapperConfig<?> config, AnnotatedParameter parameter, String name) {
        return nameOf(parameter, name);
    }

    private static String nameOf(Annotated member, String name) {
        WireName given = member.getAnnotation(WireName.class);
        return given == null ? UPPER_CAMEL.translate(name) : given.value();
    }
}
