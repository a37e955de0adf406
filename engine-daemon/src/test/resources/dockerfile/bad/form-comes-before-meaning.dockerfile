FROM scratch
COPY --bad a b
ENV A=1 \

  B
