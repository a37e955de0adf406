FROM --platform=$BUILDPLATFORN scratch
