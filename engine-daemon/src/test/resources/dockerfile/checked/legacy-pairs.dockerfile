FROM scratch
ENV A b c
LABEL D e
ENV F=g
