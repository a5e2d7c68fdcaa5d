set(PH_CLI_SOURCES host/cli/arguments.c host/cli/classify.c host/cli/dream.c host/cli/dreaming.c host/cli/help.c host/cli/info.c host/cli/interrupt.c
    host/cli/jobs.c host/cli/json.c host/cli/main.c host/cli/memory.c host/cli/origin.c host/cli/output.c
    host/cli/photos.c host/cli/pictures.c host/cli/progress.c host/cli/render.c host/cli/sequence.c host/cli/talk.c host/cli/video.c)
