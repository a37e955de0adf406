FROM scratch
ARG V=
VOLUME $V
