ARG A
FROM ${A:-scratch}
ARG B
