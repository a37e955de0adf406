# check=skip=MaintainerDeprecated,LegacyKeyValueFormat
FROM scratch
MAINTAINER me
ENV A b
WORKDIR x
