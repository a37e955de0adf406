FROM scratch
ARG who=world
RUN <<EOF
echo $who
  cat
EOF
RUN <<-EOF
	#!/bin/python
		print(1)
	EOF
RUN <<A cat - <<"B C" && true
a
A
b
B C
RUN 3<<EOF cmd
x
EOF
COPY <<one <<-'two' /dir/
hello $who "$who" \$who
one
		as $who
two
ADD <<EOF x /y/
add
EOF
RUN ["sh", "<<EOF"]
RUN echo "<<EOF"
ONBUILD RUN <<EOF
later
EOF
RUN cat <<<here
