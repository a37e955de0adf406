FROM scratch
ARG B=
ENV A=${B:?}
