/* The one interface that the three backends fill: memory, the network, per-element kernels, the FFT.
 *
 * A step of the optimization is a list of calls to it; all its buffers, sizes and choices are made before the first
 * step ("plan, then run"): no call marked [step] allocates, and on a GPU none of them waits.
 *
 * Device memory is addressed by plain pointers. Host code never touches what they point to: it uses write and read.
 */
#ifndef PH_ENGINE_BACKEND_H
#define PH_ENGINE_BACKEND_H

#include "host/engine/net.h"
#include "kernels/element/element.h"
#include "phosphene.h"

typedef struct ph_device ph_device; /* an opened backend; each backend defines its own, starting with ph_device_head */
typedef struct ph_engine ph_engine; /* a network made ready on a device */
typedef struct ph_fft ph_fft;       /* a planned transform */
typedef struct ph_recording ph_recording; /* calls marked [step], to be repeated at once */

typedef enum ph_relu_mode {
    PH_RELU_NORMAL,    /* dx = y > 0 ? dy : 0 */
    PH_RELU_REDIRECTED /* per ReLU and picture: normal unless that is zero everywhere, then dx = (y > 0 || dy > 0) ? dy
                          : 0 (gradients here are of the objective, ascended). Lucid, overrides/redirected_relu_grad.py.
                          Applies to RELU, fused or not, and to CLIP with a = 0, which adds: y >= b and dy > 0 gives 0.
                        */
} ph_relu_mode;

/* In which arithmetic the network runs; everything else is float32 always. */
typedef enum ph_precision {
    PH_PRECISION_AUTO, /* the backend's fast default: fp16 on a GPU, fp32 elsewhere */
    PH_PRECISION_FP32, /* strict */
    PH_PRECISION_TF32, /* fp32 storage, products of tensor cores */
    PH_PRECISION_FP16, /* storage; sums in fp32 */
    PH_PRECISION_BF16
} ph_precision;

typedef struct ph_device_options {
    int ordinal; /* CUDA device number */
    ph_precision precision;
    int threads;          /* CPU: OpenMP threads, 0 = all */
    int64_t memory_limit; /* bytes, 0 = backend's choice */
} ph_device_options;

typedef struct ph_backend {
    const char *name;
    bool precisions;  /* knows others than fp32 */
    int useful_batch; /* pictures per batch worth having when memory allows; 1 where a batch is not faster than a loop
                       */
    /* One line: versions, devices. PH_BACKEND with the reason if it cannot be used on this machine. */
    ph_status (*probe)(char *text, size_t size, ph_error *err);
    ph_status (*open)(const ph_device_options *options, ph_device **out, ph_error *err);
    /* (optional) All that the bits of a result may depend on, for its record: card, libraries, precision. */
    void (*describe)(const ph_device *device, char *text, size_t size);
    void (*close)(ph_device *device); /* NULL is fine */

    /* Memory. Zeroed at birth. `available`: bytes that may still be allocated, by this backend's knowledge. */
    ph_status (*memory_new)(ph_device *device, size_t bytes, void **out, ph_error *err);
    void (*memory_free)(ph_device *device, void *memory);
    ph_status (*write)(ph_device *device, void *to, const void *from, size_t bytes, ph_error *err);
    ph_status (*read)(ph_device *device, void *to, const void *from, size_t bytes, ph_error *err);
    int64_t (*memory_available)(ph_device *device);

    /* The network, for `batch` pictures. engine_bytes is the memory that engine_new will take (an upper bound).
     * engine_new fails with PH_UNSUPPORTED naming operator, node and backend. It keeps `net` (not owned: it must
     * outlive the engine). Input, outputs and their gradients are plain row-major float, [batch x shape], in device
     * memory owned by the engine. `gradient` false: forward only. */
    ph_status (*engine_bytes)(ph_device *device, const ph_net *net, int batch, bool gradient, int64_t *bytes,
                              ph_error *err);
    ph_status (*engine_new)(ph_device *device, const ph_net *net, int batch, bool gradient, ph_engine **out,
                            ph_error *err);
    void (*engine_free)(ph_engine *engine); /* NULL is fine */
    float *(*engine_input)(ph_engine *engine);
    float *(*engine_input_gradient)(ph_engine *engine);
    float *(*engine_output)(ph_engine *engine, int output);
    float *(*engine_output_gradient)(ph_engine *engine, int output);
    ph_status (*forward)(ph_engine *engine, ph_error *err); /* [step] */
    /* [step] After a forward of its own: it may use up what that kept. */
    ph_status (*backward)(ph_engine *engine, ph_relu_mode mode, ph_error *err);
    /* (optional, NULL: unknown) Seconds spent in each op since engine_new: forward and backward, op_count entries each.
     */
    void (*engine_times)(const ph_engine *engine, double *forward, double *backward);

    /* Per-element kernels: one function per line of kernels/element/element.def. [step] */
    const ph_element_kernels *element;

    /* `planes` independent real transforms of height x width, unnormalized, row-major. A spectrum has
     * height x (width/2+1) complex values (re, im interleaved). c2r uses, of the columns 0 and (even width) width/2,
     * the Hermitian part (z(k) + conj z(-k))/2 only, as numpy.fft.irfft2 does; it may destroy the spectrum. [step] */
    ph_status (*fft_new)(ph_device *device, int width, int height, int planes, ph_fft **out, ph_error *err);
    void (*fft_free)(ph_fft *fft);
    ph_status (*fft_c2r)(ph_fft *fft, float *spectrum, float *planes, ph_error *err);
    ph_status (*fft_r2c)(ph_fft *fft, const float *planes, float *spectrum, ph_error *err);

    /* (optional, all NULL: calls marked [step] have done their work when they return; elsewhere they queue it, and
     * `read` waits.) Between record_begin and record_end such calls are written down instead of done; replay queues
     * them all, with the same pointers and numbers, and waits only when too much is queued. They must have been done
     * once before they are recorded. When anything fails between the two, record_end with out NULL throws away. A
     * recording ends with the memory, networks and transforms that it speaks of: free it before them. */
    ph_status (*record_begin)(ph_device *device, ph_error *err);
    ph_status (*record_end)(ph_device *device, ph_recording **out, ph_error *err);
    ph_status (*replay)(ph_recording *recording, ph_error *err);
    void (*recording_free)(ph_recording *recording); /* NULL is fine */
} ph_backend;

/* Every ph_device starts with this, so that shared code can find the backend. */
typedef struct ph_device_head {
    const ph_backend *backend;
} ph_device_head;

/* ---- Registry (registry.c: the only file that knows which backends are compiled in) ------------------------------ */

/* "auto", "fp32", "tf32", "fp16", "bf16"; false: none of these. */
bool ph_precision_named(const char *name, ph_precision *precision);
const char *ph_precision_name(ph_precision precision);

int ph_registry_count(void);
/* name of entry i in order of preference (cuda, cpu, ref); NULL backend: not compiled in. */
const char *ph_registry_name(int index, const ph_backend **backend);

/* spec: "auto" or NULL, "cpu", "ref", "cuda", "cuda:N". auto takes the first that opens and, when that is not the first
 * compiled in, leaves one line of notice (size bytes, "" if none). */
ph_status ph_device_open(const char *spec, const ph_device_options *options, ph_device **out, char *notice, size_t size,
                         ph_error *err);
void ph_device_close(ph_device **device);
const ph_backend *ph_device_backend(const ph_device *device);

#endif
