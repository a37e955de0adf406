FROM scratch
ARG known=1
ARG bare
ENV A=$knwn B=$bare C=${D:-x}
LABEL x=$foo
WORKDIR /$bar
COPY $a $b
USER $PAHT
