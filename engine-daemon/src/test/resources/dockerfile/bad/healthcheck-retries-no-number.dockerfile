FROM scratch
HEALTHCHECK --retries=few CMD true
