/* DeepDream: photos that show more of what a layer sees in them. Made ready once, used for many photos.
 * Usage: sample-dream MODEL.onnx LAYER STEPS PHOTO OUT.png [PHOTO OUT.png ...] */
#include <phosphene.h>
#include <stdio.h>

static ph_status dream_of(ph_dream *dream, const char *photo, const char *path, ph_error *err)
{
    ph_result *result = NULL;
    ph_status status = ph_dream_photo(dream, photo, &result, err);
    if (status == PH_OK)
        status = ph_result_write_png(result, path, err);
    if (status == PH_OK) {
        ph_result_info info;
        ph_result_get(result, &info);
        printf("%s: %dx%d, %s from %g to %g in the last octave\n", path, info.width, info.height,
               ph_dream_target(dream), info.first, info.last);
    }
    ph_result_free(&result);
    return status;
}

int main(int argc, char **argv)
{
    if (argc < 6 || argc % 2) {
        fprintf(stderr, "usage: %s MODEL.onnx LAYER STEPS PHOTO OUT.png [PHOTO OUT.png ...]\n",
                argc ? argv[0] : "sample-dream");
        return 2;
    }
    ph_error err = {0};
    ph_model *model = NULL;
    ph_dream *dream = NULL;
    ph_dream_options options;
    ph_dream_options_init(&options);
    ph_status status = ph_dream_options_set(&options, "steps", argv[3], &err);
    if (status == PH_OK)
        status = ph_model_load(argv[1], NULL, &model, &err);
    if (status == PH_OK)
        status = ph_dream_new(model, argv[2], &options, NULL, &dream, &err);
    for (int i = 4; i < argc && status == PH_OK; i += 2)
        status = dream_of(dream, argv[i], argv[i + 1], &err);
    if (status != PH_OK)
        fprintf(stderr, "%s\n", err.message);
    ph_dream_free(&dream);
    ph_model_free(&model);
    return status == PH_OK ? 0 : 1;
}
