list(APPEND PH_SOURCES host/engine/registry.c)
list(APPEND PH_SOURCES host/engine/net.c)
list(APPEND PH_SOURCES host/engine/layout.c)
list(APPEND PH_SOURCES host/engine/arena.c)
