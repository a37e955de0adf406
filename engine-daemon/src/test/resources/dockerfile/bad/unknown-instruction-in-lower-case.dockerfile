FROM scratch
cpy a b
