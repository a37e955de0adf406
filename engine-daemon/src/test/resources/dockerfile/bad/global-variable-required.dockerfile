ARG A=${B?must be}
FROM scratch
