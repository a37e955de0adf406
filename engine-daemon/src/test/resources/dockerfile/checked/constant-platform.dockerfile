FROM --platform=linux/amd64 scratch
FROM --platform=linux/amd64 scratch AS amd64-tools
FROM --platform=linux/amd64 scratch AS tools
