FROM scratch AS a
ONBUILD ENV X $nothing
FROM a
ENV A=1
