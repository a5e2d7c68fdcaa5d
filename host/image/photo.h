/* Photos: JPEG, PNG, BMP, GIF (first frame) and PNM read through stb_image; Exif orientation is honoured. */
#ifndef PH_IMAGE_PHOTO_H
#define PH_IMAGE_PHOTO_H

#include "phosphene.h"

typedef struct ph_photo {
    int width, height, channels; /* channels 1 or 3 as asked for; alpha is composited over mid-grey */
    float *pixels;               /* [height, width, channels] in [0, 1] (the file's own values / 255, no gamma) */
} ph_photo;

/* A black one. PH_NO_MEMORY. */
ph_status ph_photo_new(int width, int height, int channels, ph_photo **out, ph_error *err);
/* channels: 1 or 3. At most 100 megapixels. PH_IO, PH_FORMAT ("X is not a picture …"), PH_NO_MEMORY. */
ph_status ph_photo_load(const char *path, int channels, ph_photo **out, ph_error *err);
/* The same, colours as they are, not composited; *alpha is a photo of one channel, or NULL when the file has none. */
ph_status ph_photo_load_alpha(const char *path, int channels, ph_photo **out, ph_photo **alpha, ph_error *err);
/* Bilinear, antialiased when shrinking (resample.h): short side to `side`, then the centre width x height cut out, with
 * torchvision's rounding. PH_MISUSE when the crop does not fit into the resized photo; PH_NO_MEMORY. */
ph_status ph_photo_crop(const ph_photo *photo, int side, int width, int height, ph_photo **out, ph_error *err);
void ph_photo_free(ph_photo **photo);

#endif
