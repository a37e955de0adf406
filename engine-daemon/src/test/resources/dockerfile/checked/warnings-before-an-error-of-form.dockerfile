FROM scratch
MAINTAINER me
ENV A=1 \

  B=2
ENV C
