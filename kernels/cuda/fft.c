#include "kernels/cuda/fft.h"

#include "host/base/alloc.h"
#include "host/base/status.h"
#include "kernels/cuda/device.h"
#include "kernels/cuda/element_launch.h"

struct ph_fft {
    ph_device *device;
    cufftHandle c2r, r2c;
    bool has_c2r, has_r2c;
    void *workspace; /* of both: they never run at once */
    int width, height, planes;
};

static ph_status make_plan(ph_fft *fft, cufftType type, cufftHandle *plan, bool *made, size_t *bytes, ph_error *err)
{
    int size[2] = {fft->height, fft->width};
    PH_TRY(ph_cufft_check(fft->device, cufftCreate(plan), "creating a transform", err));
    *made = true;
    PH_TRY(ph_cufft_check(fft->device, cufftSetAutoAllocation(*plan, 0), "planning a transform", err));
    size_t need = 0;
    PH_TRY(ph_cufft_check(fft->device,
                          cufftMakePlanMany(*plan, 2, size, NULL, 1, 0, NULL, 1, 0, type, fft->planes, &need),
                          "planning a transform", err));
    *bytes = need > *bytes ? need : *bytes;
    return ph_cufft_check(fft->device, cufftSetStream(*plan, fft->device->stream), "planning a transform", err);
}

static ph_status make(ph_fft *fft, ph_error *err)
{
    size_t bytes = 256;
    PH_TRY(make_plan(fft, CUFFT_C2R, &fft->c2r, &fft->has_c2r, &bytes, err));
    PH_TRY(make_plan(fft, CUFFT_R2C, &fft->r2c, &fft->has_r2c, &bytes, err));
    PH_TRY(ph_cuda_check(fft->device, cudaMalloc(&fft->workspace, bytes), "memory of a transform", err));
    PH_TRY(ph_cufft_check(fft->device, cufftSetWorkArea(fft->c2r, fft->workspace), "planning a transform", err));
    return ph_cufft_check(fft->device, cufftSetWorkArea(fft->r2c, fft->workspace), "planning a transform", err);
}

ph_status ph_cuda_fft_new(ph_device *device, int width, int height, int planes, ph_fft **out, ph_error *err)
{
    *out = NULL;
    if (width < 1 || height < 1 || planes < 1)
        return ph_fail(err, PH_MISUSE, "cuda: no transform of %d planes of %dx%d exists", planes, width, height);
    ph_fft *fft = ph_alloc(1, sizeof *fft);
    if (!fft)
        return ph_fail_memory(err, sizeof *fft, "a transform");
    fft->device = device;
    fft->width = width;
    fft->height = height;
    fft->planes = planes;
    const ph_status status = make(fft, err);
    if (status == PH_OK)
        *out = fft;
    else
        ph_cuda_fft_free(fft);
    return status;
}

void ph_cuda_fft_free(ph_fft *fft)
{
    if (!fft)
        return;
    if (!fft->device->dead) {
        (void)cudaStreamSynchronize(fft->device->stream);
        if (fft->has_c2r)
            (void)cufftDestroy(fft->c2r);
        if (fft->has_r2c)
            (void)cufftDestroy(fft->r2c);
        (void)cudaFree(fft->workspace);
    }
    ph_free(fft);
}

ph_status ph_cuda_fft_c2r(ph_fft *fft, float *spectrum, float *planes, ph_error *err)
{
    PH_TRY(ph_cuda_check(fft->device,
                         ph_cuda_project(spectrum, fft->planes, fft->width, fft->height, fft->device->stream),
                         "the projection of a spectrum", err));
    return ph_cufft_check(fft->device, cufftExecC2R(fft->c2r, (cufftComplex *)(void *)spectrum, planes), "a transform",
                          err);
}

/* cuFFT takes its input as not const, and does not write it when the output is elsewhere. */
ph_status ph_cuda_fft_r2c(ph_fft *fft, const float *planes, float *spectrum, ph_error *err)
{
    union {
        const float *in;
        cufftReal *out;
    } input = {planes};
    return ph_cufft_check(fft->device, cufftExecR2C(fft->r2c, input.out, (cufftComplex *)(void *)spectrum),
                          "a transform", err);
}
