#include "tests/cuda/cards.h"
#include "kernels/cuda/cuda.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* From NVIDIA's tables of compute capabilities; clocks and memory sizes, which hardly matter to cuDNN's choice, are
 * those of one card for all. */
const cuda_card cuda_cards[CUDA_CARDS] = {
    {"Tesla T4", 75, 40, 65536, 0, 16, 1024, 4194304},
    {"NVIDIA A100-SXM4-80GB", 80, 108, 166912, 1024, 32, 2048, 41943040},
    {"NVIDIA GeForce RTX 3090", 86, 82, 101376, 1024, 16, 1536, 6291456},
    {"NVIDIA GeForce RTX 4090", 89, 128, 101376, 1024, 24, 1536, 75497472},
    {"NVIDIA H200", 90, 132, 232448, 1024, 32, 2048, 62914560},
    {"NVIDIA B200", 100, 148, 232448, 1024, 32, 2048, 132644864},
    {"NVIDIA GeForce RTX 5090", 120, 170, 101376, 1024, 24, 1536, 100663296},
};

static const char description[] =
    "{\"deviceName\":\"%s\",\"cudaDeviceId\":0,\"deviceVer\":%d,\"driverVer\":13000,"
    "\"maxGridSize\":[2147483647,65535,65535],\"maxBlockSize\":[1024,1024,64],\"regsPerBlock\":65536,"
    "\"multiProcessorCount\":%d,\"warpSize\":32,\"maxSharedMemoryPerBlock\":49152,"
    "\"maxSharedMemoryPerBlockOptin\":%d,\"reservedSharedMemoryPerBlock\":%d,\"maxRegistersPerSM\":65536,"
    "\"maxCtasPerSM\":%d,\"maxThreadsPerBlock\":1024,\"maxThreadsPerSM\":%d,\"pciDeviceId\":0,\"isTccDriver\":0,"
    "\"supportCoopLaunch\":1,\"totalGlobalMem\":25769803776,\"smClockRateKHz\":1980000,\"memClockRateKHz\":3201000,"
    "\"l2CacheSize\":%d}";

ph_device *cuda_card_open(const cuda_card *card, ph_precision precision)
{
    char text[1024];
    ph_device *device = calloc(1, sizeof *device);
    ck_assert_ptr_nonnull(device);
    device->head.backend = &ph_backend_cuda;
    device->compute = card->compute;
    device->precision = precision;
    device->type = precision == PH_PRECISION_FP16   ? PH_CUDA_HALF
                   : precision == PH_PRECISION_BF16 ? PH_CUDA_BFLOAT
                                                    : PH_CUDA_FLOAT;
    snprintf(device->name, sizeof device->name, "%s", card->name);
    snprintf(text, sizeof text, description, card->name, card->compute * 10, card->multiprocessors, card->shared_optin,
             card->reserved, card->blocks, card->threads, card->l2);
    ck_assert_int_eq(cudnnBackendCreateDescriptor(CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR, &device->properties),
                     CUDNN_STATUS_SUCCESS);
    ck_assert_int_eq(cudnnBackendSetAttribute(device->properties, CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION,
                                              CUDNN_TYPE_CHAR, (int64_t)strlen(text), text),
                     CUDNN_STATUS_SUCCESS);
    ck_assert_int_eq(cudnnBackendFinalize(device->properties), CUDNN_STATUS_SUCCESS);
    return device;
}

void cuda_card_close(ph_device *device)
{
    (void)cudnnBackendDestroyDescriptor(device->properties);
    ph_cuda_choices_free(device);
    free(device);
}
