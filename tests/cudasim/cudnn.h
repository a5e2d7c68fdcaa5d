/* cuDNN as the simulation has it: the descriptors are those of the real libcudnn_graph, remembered beside it, so that a
 * finished plan can be carried out. */
#ifndef CUDASIM_CUDNN_H
#define CUDASIM_CUDNN_H

#include "sim.h"

#include <cudnn_graph.h>

typedef struct sim_attribute sim_attribute;
typedef struct sim_plan sim_plan;

typedef struct sim_descriptor {
    uint64_t magic;
    cudnnBackendDescriptorType_t type;
    cudnnBackendDescriptor_t real;
    bool finalized;
    int owners; /* the program, and the descriptors that refer to it */
    sim_attribute *attributes;
    struct sim_descriptor *source; /* which one it was read from: heuristics or a configuration */
    sim_plan *plan;                /* of an EXECUTION_PLAN */
} sim_descriptor;

/* The real library. */
typedef struct sim_cudnn_library {
    size_t (*version)(void);
    const char *(*error_string)(cudnnStatus_t status);
    void (*last_error)(char *message, size_t size);
    cudnnStatus_t (*create)(cudnnBackendDescriptorType_t type, cudnnBackendDescriptor_t *descriptor);
    cudnnStatus_t (*destroy)(cudnnBackendDescriptor_t descriptor);
    cudnnStatus_t (*finalize)(cudnnBackendDescriptor_t descriptor);
    cudnnStatus_t (*set)(cudnnBackendDescriptor_t descriptor, cudnnBackendAttributeName_t name,
                         cudnnBackendAttributeType_t type, int64_t count, const void *value);
    cudnnStatus_t (*get)(cudnnBackendDescriptor_t descriptor, cudnnBackendAttributeName_t name,
                         cudnnBackendAttributeType_t type, int64_t wanted, int64_t *count, void *value);
} sim_cudnn_library;

const sim_cudnn_library *sim_cudnn(void);

/* The value of an attribute of at least `count` elements; dies when it was not set. */
const void *sim_attribute_value(const sim_descriptor *descriptor, cudnnBackendAttributeName_t name, int64_t count);
int64_t sim_attribute_count(const sim_descriptor *descriptor, cudnnBackendAttributeName_t name); /* 0: not set */
sim_descriptor *sim_attribute_link(const sim_descriptor *descriptor, cudnnBackendAttributeName_t name);

/* ---- cudnn_plan.c
 * --------------------------------------------------------------------------------------------------*/

enum { SIM_OPERATIONS = 4, SIM_TENSORS = 12 };

typedef struct sim_tensor {
    int64_t uid;
    sim_type type;
    int64_t dim[4], stride[4]; /* N, C, H, W */
    int64_t alignment;
    bool is_virtual;
} sim_tensor;

typedef enum sim_operation_kind { SIM_FORWARD, SIM_BACKWARD, SIM_ADD, SIM_RELU } sim_operation_kind;

typedef struct sim_operation {
    sim_operation_kind kind;
    int x, b, y; /* indices of tensors: convolutions x * b = y, backward x the gradient of y's input; -1: none */
    int64_t pad[2], stride[2], dilation[2];
    float alpha, beta;
} sim_operation;

struct sim_plan {
    int owners;
    sim_tensor tensors[SIM_TENSORS];
    int tensor_count;
    sim_operation operations[SIM_OPERATIONS];
    int operation_count;
    int64_t workspace;
    bool tf32;             /* float tensors through tensor cores */
    const char *forbidden; /* a property that no plan of ours may have, NULL: none */
};

sim_plan *sim_plan_new(const sim_descriptor *descriptor); /* of a finalized EXECUTION_PLAN */
void sim_plan_drop(sim_plan *plan);

/* ---- cudnn_run.c
 * ---------------------------------------------------------------------------------------------------*/

/* memory: of each tensor that is not virtual. */
void sim_plan_run(const sim_plan *plan, void *const memory[SIM_TENSORS], void *workspace);
/* Distance in bytes from the first to behind the last element. */
size_t sim_tensor_extent(const sim_tensor *tensor);

#endif
