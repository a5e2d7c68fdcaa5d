#include "card.h"

cudaStream_t stream;
float *a, *b;

void open_card(void)
{
    cudasim_configure(NULL);
    OK(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
    OK(cudaMalloc((void **)&a, COUNT * sizeof *a));
    OK(cudaMalloc((void **)&b, COUNT * sizeof *b));
    OK(test_fill(a, COUNT, 1, stream));
    OK(cudaStreamSynchronize(stream));
}

void close_card(void)
{
    OK(cudaFree(a));
    OK(cudaFree(b));
    OK(cudaStreamDestroy(stream));
    ck_assert_int_eq(cudasim_count().live, 0);
}
