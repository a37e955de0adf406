FROM scratch
RUN --device=vendor.com/x=y,requird=1 true
