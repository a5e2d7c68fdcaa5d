set(PH_CLI_SOURCES host/cli/main.c)
