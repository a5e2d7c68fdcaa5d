list(APPEND PH_SOURCES host/engine/registry.c)
