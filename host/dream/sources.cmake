list(APPEND PH_SOURCES host/dream/canvas.c host/dream/dream.c host/dream/fourier.c host/dream/guide.c host/dream/memory.c host/dream/octaves.c
     host/dream/options.c host/dream/plan.c host/dream/settings.c host/dream/step.c host/dream/target.c
     host/dream/tiling.c)
