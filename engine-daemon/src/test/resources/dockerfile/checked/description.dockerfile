# check=experimental=all
# global things
ARG version=1
# base the base
FROM scratch AS base
# tools and more
FROM scratch AS tool

# lonely

ARG late
# said
#
ARG other
