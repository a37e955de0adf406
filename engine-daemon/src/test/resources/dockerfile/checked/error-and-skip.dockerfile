# check=skip=MaintainerDeprecated;error=true
FROM scratch
MAINTAINER me
