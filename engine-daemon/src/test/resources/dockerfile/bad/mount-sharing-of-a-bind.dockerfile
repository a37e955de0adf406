FROM scratch
RUN --mount=type=bind,target=/x,sharing=shared true
