/* Small networks for the tests of the render loop, with pseudo-random weights. Input "picture" [1, C, H, W], sizes
 * free. */
#ifndef TESTS_RENDER_NETS_H
#define TESTS_RENDER_NETS_H

#include "phosphene.h"

typedef enum net_kind {
    NET_RELU,     /* conv1 relu1 conv2 relu2 (joined with pool1 -> conv3 relu3 by Concat "joined"), classes "logits" */
    NET_SMOOTH,   /* the same with Tanh: no kinks, for finite differences */
    NET_DEAD,     /* conv1's bias is so low that relu1 is zero on any picture */
    NET_SLEEPING, /* relu1 is zero on a grey picture, awake on a contrasty one */
    NET_INFINITE, /* a weight of 1e38: overflows to infinity */
    NET_GREY,     /* NET_RELU with one input channel */
    NET_FIXED     /* NET_RELU whose classes need an input of NET_FIXED_SIZE square: a fully connected layer */
} net_kind;

enum { NET_FIXED_SIZE = 12 };

/* Writes the network to a temporary file, loads it with --preprocess unit and deletes the file; fails the test on
 * error. Free with ph_model_free. */
ph_model *net_load(net_kind kind);

#endif
