#!/usr/bin/env build
FROM scratch
