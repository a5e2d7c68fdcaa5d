# list(APPEND PH_SOURCES host/model/….c)
