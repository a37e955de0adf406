FROM scratch
ARG p="90 91/tcp" r=5000
EXPOSE $p ${r}-5001/sctp 1
