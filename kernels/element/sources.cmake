# list(APPEND PH_SOURCES kernels/element/….c)
