FROM scratch
# check=skip=LegacyKeyValueFormat
ENV A b
ENV C d
