FROM scratch
ENV A  b  c   
ENV D=
 ENV E=1  F=2
LABEL g h=i
LABEL "j"="k" l=m=n
