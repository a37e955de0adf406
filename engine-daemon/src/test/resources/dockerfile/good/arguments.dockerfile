FROM scratch
ARG a
ARG b= c="x y" d=$b
ENV a=${a-unset} d=$d
