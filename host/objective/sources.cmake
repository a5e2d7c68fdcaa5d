# list(APPEND PH_SOURCES host/objective/….c)
