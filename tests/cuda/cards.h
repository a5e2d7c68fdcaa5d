/* Cards that need not be there: cuDNN makes plans for a description of one. */
#ifndef TESTS_CUDA_CARDS_H
#define TESTS_CUDA_CARDS_H

#include "kernels/cuda/device.h"

typedef struct cuda_card {
    const char *name;
    int compute; /* 10 x major + minor */
    int multiprocessors, shared_optin, reserved, blocks, threads, l2;
} cuda_card;

enum { CUDA_CARDS = 7 };
extern const cuda_card cuda_cards[CUDA_CARDS];

/* A device without handles: networks can be planned for it, not run. Failure fails the running test. */
ph_device *cuda_card_open(const cuda_card *card, ph_precision precision);
void cuda_card_close(ph_device *device);

#endif
