list(APPEND PH_SOURCES host/render/batch.c host/render/blocking.c host/render/classify.c host/render/model.c
     host/render/render.c host/render/result.c host/render/start.c host/render/step.c host/render/step_run.c)
list(APPEND PH_SOURCES host/render/option_list.c host/render/option_table.c host/render/options.c host/render/settings.c host/render/settings_json.c)
