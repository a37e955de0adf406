FROM scratch
COPY --link= c d
