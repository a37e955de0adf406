FROM scratch
COPY --from=b a b
FROM scratch AS b
