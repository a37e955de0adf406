FROM scratch
INSTALL everything
