FROM scratch
ARG A=b
COPY --from=$A a b
