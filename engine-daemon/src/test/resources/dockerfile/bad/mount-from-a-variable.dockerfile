FROM scratch
ARG A=b
RUN --mount=from=$A,target=/x true
