ARG PLAT
FROM --platform=$PLAT scratch
