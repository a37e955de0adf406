FROM scratch
RUN --network= true
