ARG VERSION=scratch
FROM ${VERSIN:-scratch}
FROM ${OTHER:-scratch} AS b
