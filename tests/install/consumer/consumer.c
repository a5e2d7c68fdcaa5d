/* A stranger's program: knows phosphene.h and nothing else. Usage: consumer MODEL.onnx TARGET OUT.png */
#include <phosphene.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    if (argc != 4 || strcmp(ph_version(), PH_VERSION_STRING) != 0)
        return 2;
    ph_error err = {PH_OK, ""};
    ph_model *model = NULL;
    ph_result *result = NULL;
    ph_render_options options;
    ph_render_options_init(&options);
    ph_status status = ph_model_load("/nowhere/no.onnx", NULL, &model, &err);
    if (status != PH_IO || model || !err.message[0]) {
        fprintf(stderr, "a missing model gave '%s'\n", ph_status_text(status));
        return 1;
    }
    status = ph_render_options_set(&options, "steps", "3", &err);
    if (status == PH_OK)
        status = ph_render_options_set(&options, "width", "32", &err);
    if (status == PH_OK)
        status = ph_render_options_set(&options, "height", "40", &err);
    if (status == PH_OK)
        status = ph_model_load(argv[1], NULL, &model, &err);
    if (status == PH_OK)
        status = ph_render(model, argv[2], &options, &result, &err);
    if (status == PH_OK)
        status = ph_result_write_png(result, argv[3], &err);
    if (status != PH_OK)
        fprintf(stderr, "%s\n", err.message);
    ph_result_free(&result);
    ph_model_free(&model);
    return status == PH_OK ? 0 : 1;
}
