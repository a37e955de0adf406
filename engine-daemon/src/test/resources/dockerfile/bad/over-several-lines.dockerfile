FROM scratch
# about it
COPY --form=x \
  # why
  a \
  b
CMD ["x"]
