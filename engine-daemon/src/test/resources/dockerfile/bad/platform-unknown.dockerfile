FROM --platform=toaster scratch
