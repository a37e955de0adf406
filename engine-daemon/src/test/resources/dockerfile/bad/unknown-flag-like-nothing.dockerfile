FROM scratch
RUN --privileged echo
