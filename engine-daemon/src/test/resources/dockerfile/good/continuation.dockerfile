FROM scratch
RUN one \
  two \  
# a comment
   # another \
  three\\
RUN four\


  five
ENV A=x\
y
