from scratch
workdir /a
ENV A=1
