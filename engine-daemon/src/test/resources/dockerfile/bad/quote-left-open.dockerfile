FROM scratch
LABEL a='x
