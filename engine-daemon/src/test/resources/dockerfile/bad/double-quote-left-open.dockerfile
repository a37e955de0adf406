FROM scratch
WORKDIR "x
