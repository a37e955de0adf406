# escape=`
FROM scratch
ENV A=C:\dir\`
    B=`"quoted`" `
    C=`$A
COPY a `
  b\
WORKDIR C:\x
