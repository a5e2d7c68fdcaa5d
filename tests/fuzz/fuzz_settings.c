/* The settings JSON that `--from` takes out of a stranger's PNG. */
#include "tests/fuzz/fuzz.h"

#include "host/base/alloc.h"
#include "phosphene.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *json = size <= 1 << 16 ? ph_strndup((const char *)data, size) : NULL;
    ph_render_options options;
    ph_render_options_init(&options);
    char *target = NULL, sha256[65];
    bool negative;
    ph_error err;
    if (json && ph_settings_apply(json, &options, &target, &negative, sha256, &err) == PH_OK)
        ph_string_free(&target);
    ph_dream_options dream;
    ph_dream_options_init(&dream);
    ph_dream_origin origin;
    if (json && ph_dream_settings_apply(json, &dream, &origin, &err) == PH_OK)
        ph_dream_origin_clear(&origin);
    ph_free(json);
    return 0;
}
