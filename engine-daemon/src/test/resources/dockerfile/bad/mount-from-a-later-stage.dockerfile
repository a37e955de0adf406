FROM scratch
RUN --mount=from=b,target=/x true
FROM scratch AS b
