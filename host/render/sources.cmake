# list(APPEND PH_SOURCES host/render/….c)
