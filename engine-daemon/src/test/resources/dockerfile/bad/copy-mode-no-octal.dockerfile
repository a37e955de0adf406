FROM scratch
COPY --chmod=0789 a b
