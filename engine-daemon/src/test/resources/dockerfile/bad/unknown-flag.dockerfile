FROM scratch
COPY --fron=a b c
