FROM scratch
HEALTHCHECK --timeout=soon CMD true
