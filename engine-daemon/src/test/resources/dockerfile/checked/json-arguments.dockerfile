FROM scratch
CMD a b
FROM scratch
ENTRYPOINT a
FROM scratch
SHELL ["/bin/x", "-c"]
CMD a
