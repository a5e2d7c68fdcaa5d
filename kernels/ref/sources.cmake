# list(APPEND PH_SOURCES kernels/ref/….c)
