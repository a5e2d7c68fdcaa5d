#include "host/image/photo.h"

#include "host/base/alloc.h"
#include "host/base/file.h"
#include "host/base/status.h"
#include "host/image/exif.h"
#include "host/image/jpeg_tables.h"
#include "host/image/resample.h"
#include "host/image/stb.h"

#include <math.h>
#include <string.h>

enum { MAX_PIXELS = 100 * 1000 * 1000 };
static const size_t MAX_FILE = (size_t)1 << 30;

void ph_photo_free(ph_photo **photo)
{
    if (!photo || !*photo)
        return;
    ph_free((*photo)->pixels);
    ph_free(*photo);
    *photo = NULL;
}

ph_status ph_photo_new(int width, int height, int channels, ph_photo **out, ph_error *err)
{
    const size_t count = (size_t)width * (size_t)height;
    *out = NULL;
    ph_photo *photo = ph_alloc(1, sizeof *photo);
    if (photo)
        photo->pixels = ph_alloc(count, (size_t)channels * sizeof *photo->pixels);
    if (!photo || !photo->pixels) {
        ph_photo_free(&photo);
        return ph_fail_memory(err, count * (size_t)channels * sizeof(float), "a photo");
    }
    photo->width = width;
    photo->height = height;
    photo->channels = channels;
    *out = photo;
    return PH_OK;
}

/* ---- Samples to pixels ------------------------------------------------------------------------------------------ */

static float sample(const ph_stb_picture *picture, size_t index)
{
    if (picture->wide)
        return (float)((const uint16_t *)picture->samples)[index] / 65535.0f;
    return (float)((const uint8_t *)picture->samples)[index] / 255.0f;
}

static bool has_alpha(const ph_stb_picture *picture)
{
    return picture->channels == 2 || picture->channels == 4;
}

/* One pixel of the file as `channels` values: alpha over mid-grey or, if wanted, on its own; RGB to grey by Rec. 601
 * luma. */
static void convert_pixel(const ph_stb_picture *picture, size_t pixel, int channels, float *to, float *alpha_to)
{
    const size_t n = (size_t)picture->channels, at = pixel * n;
    const bool colour = n >= 3;
    float alpha = has_alpha(picture) ? sample(picture, at + n - 1) : 1.0f;
    if (alpha_to) {
        *alpha_to = alpha;
        alpha = 1.0f;
    }
    float rgb[3];
    for (size_t c = 0; c < 3; c++)
        rgb[c] = sample(picture, at + (colour ? c : 0)) * alpha + 0.5f * (1.0f - alpha);
    if (channels == 3)
        memcpy(to, rgb, sizeof rgb);
    else
        to[0] = colour ? 0.299f * rgb[0] + 0.587f * rgb[1] + 0.114f * rgb[2] : rgb[0];
}

/* Orientations 5 to 8 exchange rows and columns; then the stored columns or rows may run backwards. alpha: may be NULL.
 */
static void convert(const ph_stb_picture *picture, int orientation, ph_photo *photo, ph_photo *alpha)
{
    static const bool backwards_x[9] = {[2] = true, [3] = true, [7] = true, [8] = true};
    static const bool backwards_y[9] = {[3] = true, [4] = true, [6] = true, [7] = true};
    const bool exchange = orientation >= 5;
    float *to = photo->pixels, *alpha_to = alpha ? alpha->pixels : NULL;
    for (int y = 0; y < photo->height; y++) {
        for (int x = 0; x < photo->width; x++) {
            const int sx = exchange ? y : x, sy = exchange ? x : y;
            const size_t column = (size_t)(backwards_x[orientation] ? picture->width - 1 - sx : sx);
            const size_t row = (size_t)(backwards_y[orientation] ? picture->height - 1 - sy : sy);
            convert_pixel(picture, row * (size_t)picture->width + column, photo->channels, to, alpha_to);
            to += photo->channels;
            alpha_to += alpha_to != NULL;
        }
    }
}

/* ---- Loading ---------------------------------------------------------------------------------------------------- */

static ph_status check_size(const char *path, const ph_stb_picture *picture, ph_error *err)
{
    if (picture->width < 1 || picture->height < 1)
        return ph_fail(err, PH_FORMAT, "%s: a picture of %dx%d pixels is empty", path, picture->width, picture->height);
    if ((int64_t)picture->width * picture->height > MAX_PIXELS)
        return ph_fail(err, PH_FORMAT, "%s has %dx%d pixels, more than 100 megapixels: make it smaller first", path,
                       picture->width, picture->height);
    return PH_OK;
}

static ph_status refuse(const char *path, const char *reason, ph_error *err)
{
    if (reason && strcmp(reason, PH_STB_NO_MEMORY) == 0)
        return ph_fail(err, PH_NO_MEMORY, "%s: out of memory while decoding the picture", path);
    if (reason && strcmp(reason, "unknown image type") != 0)
        return ph_fail(err, PH_FORMAT,
                       "%s: the picture is damaged or of a kind that cannot be decoded (%s): save it anew", path,
                       reason);
    return ph_fail(err, PH_FORMAT, "%s is not a picture that can be read: give a JPEG, PNG, BMP, GIF or PNM file",
                   path);
}

/* alpha: NULL: not wanted. */
static ph_status decode(const char *path, const uint8_t *bytes, size_t size, int channels, ph_photo **out,
                        ph_photo **alpha, ph_error *err)
{
    ph_stb_picture picture = {0};
    const char *reason = NULL;
    if (!ph_jpeg_tables_fit(bytes, size))
        return refuse(path, "a Huffman table of more than 256 codes", err);
    if (!ph_stb_info(bytes, size, &picture, &reason))
        return refuse(path, reason, err);
    PH_TRY(check_size(path, &picture, err));
    if (!ph_stb_decode(bytes, size, &picture, &reason))
        return refuse(path, reason, err);
    ph_status status = check_size(path, &picture, err);
    if (status == PH_OK) {
        const int orientation = ph_exif_orientation(bytes, size);
        const int width = orientation >= 5 ? picture.height : picture.width;
        const int height = orientation >= 5 ? picture.width : picture.height;
        status = ph_photo_new(width, height, channels, out, err);
        if (status == PH_OK && alpha && has_alpha(&picture))
            status = ph_photo_new(width, height, 1, alpha, err);
        if (status == PH_OK)
            convert(&picture, orientation, *out, alpha ? *alpha : NULL);
        else
            ph_photo_free(out);
    }
    ph_free(picture.samples);
    return status;
}

static ph_status load(const char *path, int channels, ph_photo **out, ph_photo **alpha, ph_error *err)
{
    *out = NULL;
    if (channels != 1 && channels != 3)
        return ph_fail(err, PH_MISUSE, "%s: a photo can be read with 1 or 3 channels, not %d", path, channels);
    void *bytes = NULL;
    size_t size = 0;
    PH_TRY(ph_file_read(path, MAX_FILE, &bytes, &size, err));
    const ph_status status = decode(path, bytes, size, channels, out, alpha, err);
    ph_free(bytes);
    return status;
}

ph_status ph_photo_load(const char *path, int channels, ph_photo **out, ph_error *err)
{
    return load(path, channels, out, NULL, err);
}

ph_status ph_photo_load_alpha(const char *path, int channels, ph_photo **out, ph_photo **alpha, ph_error *err)
{
    *alpha = NULL;
    return load(path, channels, out, alpha, err);
}

/* ---- Cropping --------------------------------------------------------------------------------------------------- */

/* torchvision: the long side is int(side x long / short); the crop starts at int(round((size - crop) / 2)), halves to
 * even. */
ph_status ph_photo_crop(const ph_photo *photo, int side, int width, int height, ph_photo **out, ph_error *err)
{
    *out = NULL;
    if (side < 1 || width < 1 || height < 1)
        return ph_fail(err, PH_MISUSE, "a photo cannot be cropped to %dx%d at a short side of %d", width, height, side);
    const bool wide = photo->width > photo->height;
    const int64_t shorter = wide ? photo->height : photo->width, longer = wide ? photo->width : photo->height;
    const int64_t long_side = (int64_t)side * longer / shorter;
    const int64_t full_width = wide ? long_side : side, full_height = wide ? side : long_side;
    if (full_width > INT32_MAX || full_height > INT32_MAX)
        return ph_fail(err, PH_MISUSE,
                       "a photo of %dx%d pixels is too long and thin to be resized to a short side of %d", photo->width,
                       photo->height, side);
    if (width > full_width || height > full_height)
        return ph_fail(err, PH_MISUSE, "a crop of %dx%d does not fit in a photo resized to %lldx%lld", width, height,
                       (long long)full_width, (long long)full_height);
    PH_TRY(ph_photo_new(width, height, photo->channels, out, err));
    const ph_resample job = {
        .from = photo->pixels,
        .from_width = photo->width,
        .from_height = photo->height,
        .channels = photo->channels,
        .full_width = (int)full_width,
        .full_height = (int)full_height,
        .left = (int)rint((double)(full_width - width) / 2),
        .top = (int)rint((double)(full_height - height) / 2),
        .width = width,
        .height = height,
        .to = (*out)->pixels,
    };
    const ph_status status = ph_resample_run(&job, err);
    if (status != PH_OK)
        ph_photo_free(out);
    return status;
}
