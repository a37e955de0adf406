FROM scratch
COPY --chown c d
