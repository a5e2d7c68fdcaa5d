#include "host/image/turn.h"

#include "host/base/status.h"

#include <math.h>

/* A position within 0 … size-1 as two neighbours and the share of the second. */
typedef struct place {
    int low, high;
    float share;
} place;

static place place_of(double position, int size)
{
    const double inside = position < 0 ? 0 : position > size - 1 ? size - 1 : position;
    const int low = (int)inside;
    return (place){.low = low, .high = low + 1 < size ? low + 1 : low, .share = (float)(inside - low)};
}

static const float *pixel(const ph_photo *photo, int y, int x)
{
    return photo->pixels + ((size_t)y * (size_t)photo->width + (size_t)x) * (size_t)photo->channels;
}

ph_status ph_photo_turn(const ph_photo *photo, double zoom, double degrees, ph_photo **out, ph_error *err)
{
    PH_TRY(ph_photo_new(photo->width, photo->height, photo->channels, out, err));
    const double angle = degrees * (3.14159265358979324 / 180), along = cos(angle) / zoom, across = sin(angle) / zoom;
    const double cx = 0.5 * (photo->width - 1), cy = 0.5 * (photo->height - 1);
    float *to = (*out)->pixels;
    for (int y = 0; y < photo->height; y++)
        for (int x = 0; x < photo->width; x++) {
            const place px = place_of(cx + along * (x - cx) - across * (y - cy), photo->width);
            const place py = place_of(cy + across * (x - cx) + along * (y - cy), photo->height);
            for (int c = 0; c < photo->channels; c++) {
                const float upper =
                    pixel(photo, py.low, px.low)[c] * (1 - px.share) + pixel(photo, py.low, px.high)[c] * px.share;
                const float lower =
                    pixel(photo, py.high, px.low)[c] * (1 - px.share) + pixel(photo, py.high, px.high)[c] * px.share;
                *to++ = upper * (1 - py.share) + lower * py.share;
            }
        }
    return PH_OK;
}
