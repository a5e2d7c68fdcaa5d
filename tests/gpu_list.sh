# shellcheck shell=sh disable=SC2034
# What tests/gpu.sh runs and tests/gpu_pack.sh packs. Read by both with `.`.

# Suites that are parameterized by backend, quick ones first.
GPU_SUITES="ops-values ops-relu ops-fft stages-backends golden ops-backends ops-networks ops-reference render dream-golden
dream-canvas dream-way dream"
# Those that compute-sanitizer goes through: few kernels, small data.
GPU_CHECKED="stages-backends ops-values ops-relu ops-fft"
GPU_TARGETS="phosphene edge-net bench-gpu bench-channels bench-cuda-nodes bench-cuda-engines"
for suite in $GPU_SUITES; do
    GPU_TARGETS="$GPU_TARGETS test-$suite"
done
# Below ../shared, most wanted first.
GPU_SHARED="models/inceptionv1/inceptionv1_caffe2.onnx models/reference/dalmatian_224.png
models/reference/inceptionv1_caffe2 models/onnx_zoo/cifar10_resnet20/model.onnx models/squeezenet/squeezenet_v1.1.onnx
models/reference/squeezenet_v1.1 models/reference/mobilenet_v1_trunc models/mobilenet/mobilenet_v1_trunc.onnx"
