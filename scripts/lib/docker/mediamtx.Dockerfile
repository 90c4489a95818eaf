# Stands in for bluenviron/mediamtx where no registry can be reached: the program that scripts/setup-mediamtx builds, at its place there.
FROM scratch
COPY mediamtx /mediamtx
