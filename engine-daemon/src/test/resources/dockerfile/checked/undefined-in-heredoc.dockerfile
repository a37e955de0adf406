FROM scratch
COPY <<EOF /x
hello $name "$other"
EOF
COPY <<"EOF" /y
hello $name
EOF
