FROM --platform=$TARGETPLATFORM scratch
FROM --platform=${TARGETPLATFORM} scratch AS b
FROM --platform=$BUILDPLATFORM scratch AS c
