FROM scratch
RUN --mount=type=ssh,source=b true
