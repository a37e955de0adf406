FROM scratch
ENV A=${B:?give it}
