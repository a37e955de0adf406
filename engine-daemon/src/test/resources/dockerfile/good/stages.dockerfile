# base what all have
FROM scratch AS base
ENV A=1
FROM base AS tools
ENV B=$A
FROM scratch AS unneeded
ENV A=$B
FROM base
COPY --from=tools /x /x
COPY --from=1 /y /y
COPY --from=busybox:1.36 /bin/busybox /bin/
COPY --from=TOOLS /z /z
RUN --mount=from=tools,target=/t,source=/bin true
