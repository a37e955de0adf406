FROM scratch
RUN --mount=type=bind,target true
