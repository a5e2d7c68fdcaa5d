# list(APPEND PH_SOURCES host/image/….c)
