FROM scratch as one
FROM scratch aS two
