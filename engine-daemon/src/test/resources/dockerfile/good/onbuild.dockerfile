FROM scratch
ONBUILD RUN --mount=type=bogus x
onbuild  copy a \
  b
ONBUILD ["x"]
