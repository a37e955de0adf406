FROM scratch
ADD --checksum=sha256:00 https://example.org/a https://example.org/b /c/
