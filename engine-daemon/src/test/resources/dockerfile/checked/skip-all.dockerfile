# check=skip=all
FROM scratch
MAINTAINER me
ENV A b
