FROM scratch
COPY --from=A/B a b
