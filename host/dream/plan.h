/* The network made ready for tiles of one size: lowered, on the device, with what is maximized. Plans are kept and used
 * again: a second photo of the same size, or the next frame of a sequence, plans nothing. */
#ifndef PH_DREAM_PLAN_H
#define PH_DREAM_PLAN_H

#include "host/dream/guide.h"
#include "host/engine/backend.h"
#include "host/objective/target.h"
#include "host/render/model.h"

typedef struct ph_plan_head {
    ph_head_term *terms; /* device, [batch, term_count] */
    float *vectors;      /* device, or NULL */
    int64_t channels, positions;
    int term_count;
} ph_plan_head;

typedef struct ph_plan {
    int width, height, batch; /* of a tile; tiles at once */
    bool fixed;               /* the network takes no other size */
    int64_t bytes;            /* of device memory, estimated */
    ph_net *net;
    ph_engine *engine;
    ph_plan_head *heads;  /* one per output of the net */
    double *channel_sums; /* device, [batch, most channels, 2] */
    int **matches;        /* device, [batch, positions] of each output, and … */
    float *best;          /* … [batch, most positions]: with a guide; else NULL */
    uint64_t used;        /* when last, for the cache */
} ph_plan;

/* What all plans of a dream have in common, and the plans made so far. */
typedef struct ph_plans {
    const ph_model *model;
    ph_device *device;
    const ph_target *target;
    ph_guide *guide; /* or NULL */
    int *wanted;     /* graph values that the target reads */
    size_t wanted_count;
    int64_t limit;        /* bytes of device memory that may be used in all */
    float *gain, *offset; /* device: the preprocessing, see kernels/element/tile.h */
    int *order;
    ph_plan **list;
    size_t count, capacity;
    uint64_t clock;
    int made; /* how many plans were made in all */
} ph_plans;

/* The target, resolved on the model, must outlive the plans. guide: path of a photo, or "". */
ph_status ph_plans_new(const ph_model *model, ph_device *device, const ph_target *target, const char *guide,
                       int64_t limit, ph_plans **out, ph_error *err);
void ph_plans_free(ph_plans **plans);

/* Tiles of a picture of width x height. */
typedef struct ph_plan_request {
    int width, height; /* of the picture */
    int tile;          /* no side is larger */
    int overlap;
    int batch;        /* 0: chosen */
    int64_t reserved; /* bytes that the picture itself takes */
} ph_plan_request;

/* The largest side of the tiles, chosen from memory (request->tile does not count). PH_NO_MEMORY with the two numbers
 * when even small ones need too much. */
ph_status ph_plans_tile(ph_plans *plans, const ph_plan_request *request, int *tile, ph_error *err);

/* Whether the target is at one place of the photo: it is then seen through one tile. */
bool ph_plans_placed(const ph_plans *plans);

/* A plan for it (owned by the plans), and how many tiles it needs along each axis. A network that does not run on tiles
 * of the size wished is given those of the model's own size. PH_MISUSE, PH_UNSUPPORTED from lowering; PH_NO_MEMORY with
 * the two numbers. */
ph_status ph_plans_get(ph_plans *plans, const ph_plan_request *request, ph_plan **plan, int *columns, int *lines,
                       ph_error *err);

#endif
