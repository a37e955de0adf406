FROM scratch AS deps
FROM scratch
ARG dir=/cache id=one
WORKDIR /w
RUN --mount=target=/a --mount=type=bind,from=deps,source=/x,dst=rel,rw true
RUN --mount=type=cache,target=$dir --mount=type=cache,id=$id,target=/c,sharing=locked,from=deps,src=/y,mode=0750,uid=10,gid=20,ro true
RUN --mount=type=tmpfs,target=/t,size=64m --mount=type=tmpfs,target=/u true
RUN --mount=type=secret,id=pip --mount=type=secret,id=aws,target=/root/.aws,required,mode=0440,uid=5 --mount=type=secret,id=tok,env=TOKEN --mount=type=secret,target=/x/name,required=false true
RUN --mount=type=ssh --mount=type=ssh,id=git,target=/s,required=true,gid=3 true
RUN --mount='type=BIND,"target=/with,comma"' --device=vendor.com/gpu=all,required --device=name=vendor.com/x=y true
RUN --mount=type=bind,target=/d,readonly=false --network=host true
