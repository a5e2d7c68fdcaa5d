/* The picture that one neuron answers to most strongly.
 * Usage: sample-neuron MODEL.onnx LAYER:CHANNEL OUT.png [STEPS] */
#include <phosphene.h>
#include <stdio.h>

static ph_status draw(char **arguments, const char *steps, ph_model **model, ph_result **result, ph_error *err)
{
    char neuron[256];
    /* '@' alone is the neuron in the middle of the channel; "@Y,X" would be any other. */
    const int length = snprintf(neuron, sizeof neuron, "%s@", arguments[1]);
    if (length < 0 || (size_t)length >= sizeof neuron) {
        snprintf(err->message, sizeof err->message, "the target is too long");
        return PH_MISUSE;
    }

    ph_render_options options;
    ph_render_options_init(&options);
    ph_status status = ph_render_options_set(&options, "steps", steps, err);
    if (status == PH_OK)
        status = ph_model_load(arguments[0], NULL, model, err);
    if (status == PH_OK)
        status = ph_render(*model, neuron, &options, result, err);
    if (status != PH_OK)
        return status;

    ph_result_info info;
    ph_result_get(*result, &info);
    printf("%s, channel %lld: from %g to %g in %d steps\n", info.layer, (long long)info.channel, info.first, info.last,
           info.steps);
    return ph_result_write_png(*result, arguments[2], err);
}

int main(int argc, char **argv)
{
    if (argc < 4 || argc > 5) {
        fprintf(stderr, "usage: %s MODEL.onnx LAYER:CHANNEL OUT.png [STEPS]\n", argc ? argv[0] : "sample-neuron");
        return 2;
    }
    ph_error err = {0};
    ph_model *model = NULL;
    ph_result *result = NULL;
    const ph_status status = draw(argv + 1, argc > 4 ? argv[4] : "256", &model, &result, &err);
    if (status != PH_OK)
        fprintf(stderr, "%s\n", err.message);
    ph_result_free(&result);
    ph_model_free(&model);
    return status == PH_OK ? 0 : 1;
}
