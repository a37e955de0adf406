FROM scratch
RUN --device=vendor.com/x=y,required=2 true
