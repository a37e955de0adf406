# syntax=docker/dockerfile:1
FROM scratch
ARG VERSION=1.2
ENV A=one B="two words" C=three\ words
LABEL org.example.version=$VERSION "with blank"='single $A'
WORKDIR /srv
WORKDIR app/$VERSION
COPY --chown=1000:1000 --chmod=0644 --link --exclude=*.md --exclude=docs a b* ./
ADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d https://example.org/x.tar /in/
ADD --keep-git-dir=true --unpack=false https://example.org/x.git#main /src
RUN --network=none make all
RUN ["make", "install"]
EXPOSE 80 8000-8002/udp 53/UDP
VOLUME /data "/two"
VOLUME ["/with blank"]
USER $A:staff
CMD ["serve", "--all"]
ENTRYPOINT exec start $A
HEALTHCHECK --interval=1m30s --timeout=2.5s --start-period=1h --start-interval=100ms --retries=4 CMD curl -f http://localhost/ || exit 1
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
STOPSIGNAL SIGINT
ONBUILD COPY . /later
MAINTAINER Somebody <some@example.org>
