FROM scratch AS a
COPY --from=a a b
