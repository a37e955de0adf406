FROM scratch
HEALTHCHECK NONE
HEALTHCHECK CMD ["a", "b"]
healthcheck --retries=0 cmd  a  b
HEALTHCHECK --interval=0s CMD a
