FROM scratch
RUN --mount=type=cache,target=/x,required true
