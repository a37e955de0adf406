# escape=`
# syntax = example.org/front:1 with more
# check=skip=all
FROM scratch
