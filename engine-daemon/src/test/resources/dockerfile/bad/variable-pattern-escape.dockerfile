FROM scratch
ARG B=x
ENV A=${B#\a}
