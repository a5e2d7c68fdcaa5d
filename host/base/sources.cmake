list(APPEND PH_SOURCES host/base/alloc.c host/base/clock.c host/base/file.c host/base/status.c host/base/text.c)
