/* Running a test net on a backend: poison first, every value checked for being finite after. Flat arrays: outputs one
 * behind the other, each [batch x its shape]. */
#ifndef TESTS_OPS_RUN_NET_H
#define TESTS_OPS_RUN_NET_H

#include "tests/base/backends.h"

typedef struct ops_session {
    const ph_backend *backend;
    const char *precision;
    ph_device *device;
    ph_engine *engine;
    void *guards[2]; /* allocated before and behind the engine */
    const ph_net *net;
    const char *text; /* of the case, for messages */
    int batch;
    int64_t input_count, output_count; /* of the whole batch */
} ops_session;

/* Any failure fails the running test. threads 0: the backend's choice. */
ops_session ops_open(const test_setup *setup, int threads, const ph_net *net, int batch, const char *text);
void ops_close(ops_session *session);
void ops_forward(ops_session *session, const float *input, float *output);
/* After ops_forward. */
void ops_backward(ops_session *session, ph_relu_mode mode, const float *output_gradient, float *input_gradient);

/* Both ways by a recording of forward and backward. */
void ops_replay_recording(ops_session *session, ph_recording *recording, const float *input,
                          const float *output_gradient, float *output, float *input_gradient);

float *ops_floats(int64_t count); /* free with free() */

/* Copies picture `picture` of a flat output (or output gradient) of a batch into the flat form of a batch of one. */
void ops_take_picture(const ph_net *net, int batch, int picture, const float *batched, float *single);

/* got against want: all finite, not all zero ("mistrusted": a comparison of nothing), and |got - want| <= tolerance x
 * max |want|; tolerance 0: equal. */
void ops_expect(const ops_session *session, const char *what, const float *got, const float *want, int64_t count,
                double tolerance);
/* All finite, not all zero, and the cosine of the angle between them is at least `least`. */
void ops_expect_direction(const ops_session *session, const char *what, const float *got, const float *want,
                          int64_t count, double least);
/* The same bits. */
void ops_expect_bits(const ops_session *session, const char *what, const float *got, const float *want, int64_t count);

#endif
