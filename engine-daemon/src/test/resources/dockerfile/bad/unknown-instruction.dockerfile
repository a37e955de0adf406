FRM scratch
COPY a b
