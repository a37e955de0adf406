FROM scratch
WORKDIR /w
COPY . .
COPY a /x/./
COPY --chmod=u=rwX,go=rX --parents a/./b/*.txt dir
COPY --exclude=$none --exclude="a b" a b
ADD git@example.org:a/b.git /repo
ADD --link=false archive.tar.gz /
COPY -- --odd /x
