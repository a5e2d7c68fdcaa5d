#include "tests/samples/witnesses.h"

#include "host/image/png.h"
#include "tests/image/scratch.h"

#include <check.h>

witness witness_load(const char *path)
{
    witness w = {0};
    ph_error err = {0};
    if (ph_model_load(path, NULL, &w.model, &err) != PH_OK ||
        ph_classifier_new(w.model, "cpu", 1, &w.classifier, &err) != PH_OK)
        ck_abort_msg("%s: %s", path, err.message);
    return w;
}

void witness_free(witness *w)
{
    ph_classifier_free(&w->classifier);
    ph_model_free(&w->model);
}

int64_t witness_says(const witness *w, const uint8_t *rgb, int side)
{
    const char *path = scratch_path("witness.png");
    ph_error err = {0};
    ph_class top = {.index = -1};
    size_t filled = 0;
    if (ph_png_write(path, rgb, side, side, 3, NULL, NULL, &err) != PH_OK ||
        ph_classifier_run(w->classifier, path, &top, 1, &filled, &err) != PH_OK)
        ck_abort_msg("%s", err.message);
    return top.index;
}
