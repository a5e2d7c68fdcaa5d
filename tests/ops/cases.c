#include "cases.h"

const char *const ops_cases[] = {
    /* Convolutions: kernels, channel counts around the vector widths, strides, dilations, one-sided padding. */
    "x = input 1x1x1x1; y = conv x out=1",
    "x = input 1x3x5x7; y = conv x out=5",
    "x = input 1x5x1x1; y = conv x out=3 nobias",
    "x = input 1x16x6x5; y = conv x out=16",
    "x = input 1x17x3x5; y = conv x out=33",
    "x = input 1x32x4x4; y = conv x out=17 nobias",
    "x = input 1x33x5x3; y = conv x out=32",
    "x = input 1x3x9x11; y = conv x out=16 kernel=3x3 pad=1",
    "x = input 1x3x13x11; y = conv x out=17 kernel=7x7 stride=2 pad=3",
    "x = input 1x3x12x10; y = conv x out=16 kernel=7x7 stride=2 pad=2,2,3,3",
    "x = input 1x3x23x27; y = conv x out=16 kernel=11x11 stride=4 relu",
    "x = input 1x4x9x8; y = conv x out=9 kernel=3x3 stride=2 pad=0,0,1,1",
    "x = input 1x3x7x8; y = conv x out=5 stride=2",
    "x = input 1x2x9x9; y = conv x out=8 kernel=2x2 stride=4",
    "x = input 1x16x8x8; y = conv x out=32 kernel=3x3 pad=1",
    "x = input 1x17x7x9; y = conv x out=5 kernel=5x5 pad=2",
    "x = input 1x16x7x7; y = conv x out=16 kernel=3x3 pad=0,0,1,1 stride=2",
    "x = input 1x16x7x7; y = conv x out=16 kernel=3x3 pad=1,0,0,2",
    "x = input 1x5x6x8; y = conv x out=3 kernel=1x7 pad=0,3,0,3",
    "x = input 1x5x8x6; y = conv x out=3 kernel=7x1 pad=3,0,3,0 nobias",
    "x = input 1x3x10x11; y = conv x out=4 kernel=2x4 stride=1x3",
    "x = input 1x16x11x9; y = conv x out=16 kernel=3x3 dil=2 pad=2",
    "x = input 1x3x13x12; y = conv x out=5 kernel=3x2 dil=3x4 pad=1,2,3,0 stride=2x1",
    "x = input 1x16x6x6; y = conv x out=32 stride=2",
    "x = input 1x3x6x6; y = conv x out=3 kernel=6x6",
    "x = input 1x3x2x2; y = conv x out=4 kernel=3x3 pad=1",
    "x = input 1x1x12x5; y = conv x out=1 kernel=3x3 pad=4,3,2,1",
    "x = input 2x3x5x5; y = conv x out=4 kernel=3x3",
    "x = input 1x16x5x6; y = conv x out=32 kernel=3x3 pad=1 group=2",
    "x = input 1x6x5x6; y = conv x out=9 kernel=3x3 pad=1 group=3 nobias",
    "x = input 1x128x7x7; y = conv x out=128 kernel=3x3 pad=1 group=32",
    "x = input 1x64x9x9; y = conv x out=64 kernel=3x3 pad=1 group=16 stride=2 relu",
    "x = input 1x64x3x4; y = conv x out=64 kernel=3x3 pad=1 group=2",
    "x = input 1x96x3x3; y = conv x out=96 kernel=3x3 pad=2 dil=2 group=24",
    "x = input 1x12x2x2; y = conv x out=8 kernel=3x3 pad=1 group=2 nobias",
    "x = input 1x256x2x2; y = conv x out=8 kernel=3x3 pad=1 group=4",
    "x = input 1x32x5x5; y = conv x out=32 kernel=3x3 pad=1 group=32",
    "x = input 1x17x6x5; y = conv x out=17 kernel=3x3 pad=1 group=17 stride=2",
    "x = input 1x5x7x6; y = conv x out=10 kernel=5x5 pad=2 group=5",
    "x = input 1x16x7x6; y = conv x out=16 kernel=3x3 pad=0,0,1,1 group=16 stride=2 nobias",
    "x = input 1x3x5x7; y = conv x out=5 kernel=3x3 pad=1 relu",
    "x = input 1x16x6x5; y = conv x out=32 relu",
    "x = input 1x16x6x6; y = conv x out=16 kernel=3x3 pad=1 group=16 relu",
    "x = input 1x8x6x6; y = conv x out=17 kernel=3x3 pad=1 stride=2 relu nobias",
    /* Paddings that no kernel of oneDNN but matrix products takes, whose sums depend on the number of threads. */
    "x = input 1x3x11x10; y = conv x out=16 kernel=5x3 stride=3 pad=2,1,1,0 relu",
    /* Wide enough for blocks of channels. */
    "x = input 1x68x5x6; y = conv x out=76 kernel=3x3 pad=1 relu",
    "x = input 1x68x7x6; y = conv x out=76 kernel=5x5 pad=2 stride=2 relu",
    /* With a sum behind them: either order, two of them, with and without ReLU, groups, several planes; then what looks
     * alike: a broadcast, a constant, another reader, the sum of one with itself, a ReLU before the sum. */
    "x = input 1x16x5x6; a = conv x out=16 kernel=3x3 pad=1; y = add a x",
    "x = input 1x17x6x5; a = conv x out=17 kernel=3x3 pad=1; s = add x a; y = relu s",
    "x = input 1x9x7x6; a = conv x out=5 stride=2; b = conv x out=5 stride=2 nobias; s = add a b; y = relu s",
    "x = input 1x3x6x7; r = relu x; a = conv r out=3 nobias; s = add a r; y = clip s a=0 b=6",
    "x = input 1x16x5x5; a = conv x out=16 group=2; b = conv x out=16 group=16 kernel=3x3 pad=1; y = add b a",
    "x = input 1x16x5x5; a = conv x out=16 group=16 kernel=3x3 pad=1; s = add a x; y = relu s",
    "x = input 2x8x4x5; a = conv x out=8 kernel=3x3 pad=1; s = add a x; y = relu s",
    "x = input 1x8x1x1; a = conv x out=8; s = add a x; y = relu s",
    "x = input 1x3x9x9; a = maxpool x kernel=3x3 stride=2; b = conv a out=3; s = add b a; y = relu s",
    "x = input 1x16x4x4; p = avgpool x kernel=4x4; a = conv x out=16; s = add a p; y = relu s",
    "x = input 1x16x4x4; p = avgpool x kernel=4x4; a = conv p out=16; y = add a x",
    "x = input 1x8x4x5; c = const 1x8x4x5; a = conv x out=8; s = add a c; y = relu s",
    "x = input 1x8x5x4; a = conv x out=8; s = add a x; t = mul s a; y = relu t",
    "x = input 1x8x5x4; a = conv x out=8; y = add a a",
    "x = input 1x8x5x4; a = conv x out=8 relu; s = add a x; y = relu s",
    "x = input 1x8x5x4; a = conv x out=8; s = add a x; r = relu s; y = mul r s",
    "x = input 1x8x5x4; a = deconv x out=8 kernel=1x1; s = add a x; y = relu s",
    "x = input 1x20; f = reshape x to=1x20x1x1; a = conv f out=20; g = reshape a to=1x20; y = add g x",
    /* Transposed convolutions. */
    "x = input 1x1x1x1; y = deconv x out=1 kernel=3x3",
    "x = input 1x3x4x5; y = deconv x out=5 kernel=2x2 stride=2",
    "x = input 1x16x4x3; y = deconv x out=8 kernel=4x4 stride=2 pad=1",
    "x = input 1x17x3x3; y = deconv x out=3 kernel=3x3 stride=2 pad=1 outpad=1 nobias",
    "x = input 1x5x4x4; y = deconv x out=3 kernel=3x3 dil=2 pad=0,1,2,1",
    "x = input 1x6x3x5; y = deconv x out=4 kernel=3x2 stride=2x3 group=2 pad=1,0,0,1",
    "x = input 1x4x3x3; y = deconv x out=4 kernel=4x4 stride=2 pad=1 group=4",
    "x = input 1x3x5x4; y = deconv x out=16 kernel=1x1 stride=2 outpad=1x0",
    /* Dense layers and matrix products. */
    "x = input 1x1; y = dense x out=1",
    "x = input 1x17; y = dense x out=10",
    "x = input 1x64; y = dense x out=33 nobias",
    "x = input 3x5; y = dense x out=4",
    "x = input 70x5; y = dense x out=4",
    "x = input 1x2x3x5; y = dense x out=7",
    "x = input 7; y = dense x out=3",
    "x = input 3x4; c = const 4x5; y = matmul x c",
    "x = input 4x5; c = const 3x4; y = matmul c x",
    "x = input 1x2x3x4; c = const 4x5; y = matmul x c",
    "x = input 1x2x3x4; c = const 1x1x4x5; y = matmul x c",
    "x = input 3x4; c = const 2x4x5; y = matmul x c",
    "x = input 1x4x3; c = const 5x2x4; y = matmul c x",
    "x = input 4; c = const 4x5; y = matmul x c",
    "x = input 2x3x4; c = const 4; y = matmul x c",
    "x = input 4; c = const 4; y = matmul c x",
    "x = input 1x3x4x4; y = matmul x x",
    "x = input 2x3x4; t = transpose x perm=0,2,1; y = matmul x t",
    /* Pooling: windows that hang over the edge, both ways of counting. */
    "x = input 1x1x2x2; y = maxpool x kernel=2x2",
    "x = input 1x3x7x9; y = maxpool x kernel=3x3 stride=2",
    "x = input 1x16x8x8; y = maxpool x kernel=3x3 stride=2 pad=1",
    "x = input 1x17x7x7; y = maxpool x kernel=3x3 stride=2 pad=0,0,1,1",
    "x = input 1x16x9x8; y = maxpool x kernel=3x3 stride=2 ceil",
    "x = input 1x3x8x10; y = maxpool x kernel=3x3 stride=2 ceil",
    "x = input 1x5x6x6; y = maxpool x kernel=2x2 stride=3 ceil",
    "x = input 1x16x6x7; y = maxpool x kernel=3x3 pad=1",
    "x = input 1x3x5x5; y = maxpool x kernel=5x5",
    "x = input 1x9x17x16; y = maxpool x kernel=16x16 stride=8 pad=3",
    "x = input 1x3x9x9; y = maxpool x kernel=3x2 dil=2x3 stride=2x1 pad=1,0,2,1",
    "x = input 1x2x7x6; y = maxpool x kernel=1x1 stride=2",
    "x = input 2x3x6x4; y = maxpool x kernel=2x3 stride=2x1 pad=0,1,0,1",
    "x = input 1x3x6x6; y = avgpool x kernel=2x2 stride=2",
    "x = input 1x16x7x7; y = avgpool x kernel=7x7",
    "x = input 1x17x11x9; y = avgpool x kernel=11x9",
    "x = input 1x8x9x12; y = avgpool x kernel=8x9 stride=4x3 pad=3,4,2,1",
    "x = input 1x17x5x6; y = avgpool x kernel=3x3 pad=1",
    "x = input 1x17x5x6; y = avgpool x kernel=3x3 pad=1 include_pad",
    "x = input 1x3x7x8; y = avgpool x kernel=3x3 stride=2 pad=1,0,2,1",
    "x = input 1x3x7x8; y = avgpool x kernel=3x3 stride=2 pad=1,0,2,1 include_pad",
    "x = input 1x16x8x10; y = avgpool x kernel=3x3 stride=2 ceil",
    "x = input 1x16x8x10; y = avgpool x kernel=3x3 stride=2 ceil include_pad",
    "x = input 1x5x8x7; y = avgpool x kernel=3x3 stride=2 pad=1 ceil",
    "x = input 1x5x8x7; y = avgpool x kernel=3x3 stride=2 pad=1 ceil include_pad",
    "x = input 1x3x6x5; y = avgpool x kernel=2x2 stride=3 ceil include_pad",
    "x = input 1x1x1x1; y = avgpool x",
    /* Normalizations. */
    "x = input 1x17x3x3; y = lrn x size=3 alpha=0.5 beta=0.75 bias=1",
    "x = input 1x16x4x3; y = lrn x size=4 alpha=0.7 beta=0.5 bias=2",
    "x = input 1x32x3x2; y = lrn x size=5 alpha=0.0001 beta=0.75 bias=1",
    "x = input 1x33x2x3; y = lrn x size=5 alpha=1 beta=0.75 bias=2",
    "x = input 1x17x3x4; y = lrn x size=11 alpha=0.8 beta=0.5 bias=2",
    "x = input 1x16x2x2; y = lrn x size=11 alpha=0.9 beta=1 bias=1",
    "x = input 1x5x3x5; y = lrn x size=11 alpha=0.6 beta=0.75 bias=1.5",
    "x = input 1x1x4x4; y = lrn x size=3 alpha=0.5 beta=1 bias=1",
    "x = input 1x3x7x5; y = lrn x size=4 alpha=0.5 beta=0.6 bias=1",
    "x = input 1x40x9x8; y = lrn x size=7 alpha=0.5 beta=0.75 bias=1",
    "x = input 1x300x2x3; y = lrn x size=13 alpha=0.5 beta=0.75 bias=1",
    "x = input 1x3x5x4; y = affine x",
    "x = input 1x17x2x3; y = affine x",
    "x = input 1x33x1x1; y = affine x",
    "x = input 2x5; y = affine x",
    "x = input 1x4x9; y = affine x",
    "x = input 1x10; y = softmax x axis=1",
    "x = input 1x1000; y = softmax x axis=1",
    "x = input 1x17x3x4; y = softmax x axis=1",
    "x = input 1x70x2x3; y = softmax x axis=1",
    "x = input 1x5x3x7; y = softmax x axis=3",
    "x = input 2x5x3; y = softmax x axis=1",
    "x = input 3x4x5; y = softmax x axis=0",
    /* Activations. */
    "x = input 1x3x5x7; y = relu x",
    "x = input 1x17x4x4; y = relu x",
    "x = input 12; y = relu x",
    "x = input 1x16x3x5; y = leaky x a=0.01",
    "x = input 1x3x4x4; y = leaky x a=0.3",
    "x = input 1x17x4x5; y = prelu x",
    "x = input 1x5; y = prelu x",
    "x = input 1x16x5x5; y = clip x a=0 b=6",
    "x = input 1x3x5x5; y = clip x a=-1 b=2",
    "x = input 1x3x4x3; y = clip x a=-1 b=inf",
    "x = input 1x3x4x3; y = clip x a=-inf b=1",
    "x = input 1x17x3x4; y = elu x a=1",
    "x = input 1x3x5x4; y = elu x a=0.5",
    "x = input 1x17x3x5; y = sigmoid x",
    "x = input 3x5; y = sigmoid x",
    "x = input 1x16x4x3; y = tanh x",
    "x = input 1x5x4x5; y = hardsigmoid x a=0.2 b=0.5",
    "x = input 1x5x4x5; y = hardsigmoid x a=-0.25 b=0.5",
    "x = input 1x17x4x5; y = hardswish x",
    /* Two operands: broadcasting both ways, constants on either side, one tensor twice. */
    "x = input 1x16x4x5; y = add x x",
    "x = input 1x16x4x5; r = relu x; y = add r x",
    "x = input 1x3x4x5; y = mul x x",
    "x = input 1x3x4x5; c = const 1x3x4x5; y = add x c",
    "x = input 1x3x4x5; c = const 1x3x1x1; y = add c x",
    "x = input 1x3x4x5; c = const 3x1x1; y = mul x c",
    "x = input 1x3x4x5; c = const 5; y = sub x c",
    "x = input 1x3x4x5; c = const 4x1; y = sub c x",
    "x = input 1x3x4x5; c = const scalar; y = mul c x",
    "x = input 1x3x1x1; c = const 1x3x4x5; y = mul x c",
    "x = input 1x1x1x1; c = const 1x3x4x5; y = add x c",
    "x = input 1x1x4x1; c = const 1x3x1x5; y = sub x c",
    "x = input 1x1x4x1; c = const 1x3x1x5; y = mul c x",
    "x = input 1x17x4x4; c = const 1x17x1x1; y = div x c",
    "x = input 1x3x2x2; s = sigmoid x; c = const 3x1x1; y = div c s",
    "x = input 1x3x4x5; s = sigmoid x; y = div x s",
    "x = input 5; c = const 3x1; y = add x c",
    "x = input 2x3; c = const 4x1x3; y = mul x c",
    "x = input 1x3; c = const 2x1x2x1x3; y = sub x c",
    "x = input 1x16x4x4; p = avgpool x kernel=4x4; y = mul x p",
    "x = input 1x17x4x3; p = maxpool x kernel=4x3; y = sub p x",
    "x = input 1x3x4x4; a = slice x start=0,0,0,0 to=1x1x4x4; y = add a x",
    "x = input 2x3x4; a = slice x start=0,0,0 to=1x3x1; y = mul x a",
    "x = input 1x4x3x3; a = avgpool x kernel=3x1; b = avgpool x kernel=1x3; y = add a b",
    /* Data movement. */
    "x = input 1x3x4x5; y = concat x x axis=1",
    "x = input 1x16x3x3; a = conv x out=17; b = conv x out=5; y = concat a x b axis=1",
    "x = input 1x16x3x3; a = conv x out=16; b = conv x out=32; y = concat a b x axis=1",
    "x = input 1x3x4x5; c = const 1x2x4x5; y = concat c x axis=1",
    "x = input 1x3x4x5; c = const 1x3x4x2; y = concat x c x axis=3",
    "x = input 1x3x4x5; a = slice x start=0,0,1,0 to=1x3x2x5; y = concat a x axis=2",
    "x = input 2x3; y = concat x x x axis=0",
    "x = input 4; c = const 3; y = concat x c axis=0",
    "x = input 1x3x4x5; y = reshape x to=1x60",
    "x = input 1x3x4x5; y = reshape x to=3x4x1x5",
    "x = input 1x12x2x3; y = reshape x to=1x3x2x2x2x3",
    "x = input 60; y = reshape x to=1x3x4x5",
    "x = input 3x5; y = transpose x perm=1,0",
    "x = input 2x3x4; y = transpose x perm=2,0,1",
    "x = input 1x3x4x5; y = transpose x perm=0,2,3,1",
    "x = input 1x4x5x3; y = transpose x perm=0,3,1,2",
    "x = input 2x3x4x5; y = transpose x perm=3,2,1,0",
    "x = input 1x2x3x4x2; y = transpose x perm=0,3,1,4,2",
    "x = input 1x2x2x3x4x2; y = transpose x perm=0,3,4,1,5,2",
    "x = input 1x2x2x3x3x4; y = transpose x perm=5,3,0,4,1,2",
    "x = input 1x17x3x2; y = transpose x perm=0,1,3,2",
    "x = input 1x3x4x5; y = pad x begin=0,0,1,2 end=0,0,3,0",
    "x = input 1x3x4x5; y = pad x begin=0,2,0,1 end=0,1,2,0 value=1.5",
    "x = input 1x3x6x5; y = pad x begin=0,0,-1,2 end=0,0,-2,-1",
    "x = input 1x16x5x6; y = pad x begin=0,-3,0,-2 end=0,2,1,-1 value=-2",
    "x = input 1x3x4x5; y = pad x begin=0,0,2,3 end=0,0,3,1 mode=reflect",
    "x = input 1x3x4x5; y = pad x begin=0,0,2,6 end=0,0,5,1 mode=edge",
    "x = input 1x2x3; y = pad x begin=0,1,2 end=1,1,1 mode=edge",
    "x = input 5; y = pad x begin=3 end=4 mode=reflect",
    "x = input 1x3x6x7; y = slice x start=0,1,2,0 to=1x2x3x7",
    "x = input 1x3x6x7; y = slice x start=0,0,1,6 step=1,1,2,-3 to=1x3x3x3",
    "x = input 1x17x4x4; y = slice x start=0,16,0,3 step=1,-2,1,-1 to=1x9x4x4",
    "x = input 10; y = slice x start=9 step=-1 to=10",
    "x = input 2x3x4x2x3; y = slice x start=1,0,3,1,0 step=-1,2,-2,1,2 to=2x2x2x1x2",
};
const int ops_case_count = sizeof ops_cases / sizeof *ops_cases;

const char *const ops_net_cases[] = {
    /* Residual blocks: the sum behind a convolution, a fused ReLU before it, another reader of the first. */
    "x = input 1x16x9x9; a = conv x out=16 kernel=3x3 pad=1 relu; b = conv a out=16 kernel=3x3 pad=1; s = add b x;"
    "y = relu s",
    "x = input 1x3x9x7; a = conv x out=16 kernel=3x3 pad=1 relu; b = conv a out=16 kernel=3x3 pad=1; s = add a b;"
    "r = relu s; c = conv r out=32 kernel=3x3 pad=1 stride=2 relu; d = conv r out=32 stride=2; t = add c d; y = relu t;"
    "want a y r",
    /* Residual stages: projection, then blocks whose skip is the last sum; sums and summands wanted. */
    "x = input 1x8x9x9; a = conv x out=8 relu; b = conv a out=8 kernel=3x3 pad=1 stride=2 relu; c = conv b out=32;"
    "d = conv x out=32 stride=2; e = add c d; f = relu e; g = conv f out=8 relu; h = conv g out=8 kernel=3x3 pad=1 "
    "relu;"
    "i = conv h out=32; j = add i f; k = relu j; l = conv k out=8 relu; m = conv l out=32; n = add k m; o = relu n;"
    "y = avgpool o kernel=5x5; want y f",
    "x = input 1x8x6x5; a = conv x out=8 kernel=3x3 pad=1; s = add a x; y = relu s; want s y",
    "x = input 1x8x6x5; a = conv x out=8 kernel=3x3 pad=1; s = add x a; y = relu s; want a y",
    "x = input 1x8x6x5; a = conv x out=16; r = relu a; b = conv r out=16; c = conv r out=16 kernel=3x3 pad=1; s = add "
    "b c;"
    "t = add s r; u = conv t out=16; v = add u t; y = relu v; want t y",
    /* A sum joined, pooled or normalized afterwards, which then rectify its gradient. */
    "x = input 1x8x8x8; a = conv x out=8; s = add a x; r = relu s; b = conv x out=8 relu; y = concat r b axis=1; want "
    "y",
    "x = input 1x8x8x8; a = conv x out=8; s = add a x; r = relu s; p = maxpool r kernel=2x2 stride=2; c = conv p out=8;"
    "t = add p c; u = relu t; y = lrn u size=3 alpha=0.5 beta=0.75 bias=1",
    /* Two skips over one convolution, a sum of a sum, before the activation (pre-activation networks). */
    "x = input 1x16x6x6; a = conv x out=16; r = relu a; b = conv r out=16 kernel=3x3 pad=1; s = add a b; t = relu s;"
    "c = conv t out=16 kernel=3x3 pad=1; u = add s c; v = relu u; d = conv v out=16; w = add u d; y = add w a",
    /* Linear bottlenecks. */
    "x = input 1x8x6x6; a = conv x out=24; b = clip a a=0 b=6; c = conv b out=24 kernel=3x3 pad=1 group=24;"
    "d = clip c a=0 b=6; e = conv d out=8; f = add x e; g = conv f out=24; h = clip g a=0 b=6; i = conv h out=8;"
    "j = add f i; y = conv j out=16 relu",
    /* Inception block. */
    "x = input 1x16x8x8; a = conv x out=17 relu; b0 = conv x out=8 relu; b = conv b0 out=16 kernel=3x3 pad=1 relu;"
    "c0 = conv x out=5 relu; c = conv c0 out=8 kernel=5x5 pad=2 relu; d0 = maxpool x kernel=3x3 pad=1;"
    "d = conv d0 out=8 relu; y = concat a b c d axis=1; want y",
    "x = input 1x16x8x8; a = conv x out=16; ra = relu a; b0 = conv x out=8 relu; b = conv b0 out=16 kernel=3x3 pad=1;"
    "rb = relu b; y = concat ra rb axis=1; p = maxpool y kernel=3x3 stride=2 ceil; z = conv p out=24 relu;"
    "want a y rb z b0",
    /* Stem of GoogLeNet and of InceptionV1. */
    "x = input 1x3x21x19; a = conv x out=16 kernel=7x7 stride=2 pad=3 relu; p = maxpool a kernel=3x3 stride=2 ceil;"
    "n = lrn p size=5 alpha=0.5 beta=0.75 bias=1; b = conv n out=16 relu; c = conv b out=32 kernel=3x3 pad=1 relu;"
    "m = lrn c size=11 alpha=0.9 beta=0.5 bias=2; y = maxpool m kernel=3x3 stride=2 pad=0,0,1,1; want y n",
    /* Wide convolutions, two of which share their input. */
    "x = input 1x68x5x6; a = conv x out=76 kernel=3x3 pad=1 relu; b = conv x out=72 kernel=3x3 pad=1;"
    "c = conv a out=80 kernel=3x3 pad=1 relu; y = concat b c axis=1; want y a",
    /* Squeeze and excitation. */
    "x = input 1x16x6x6; a = conv x out=17 kernel=3x3 pad=1 relu; p = avgpool a kernel=6x6; q = reshape p to=1x17;"
    "f = dense q out=5; r = relu f; g = dense r out=17; s = sigmoid g; t = reshape s to=1x17x1x1; y = mul a t; want y "
    "s",
    /* Depthwise-separable, unfolded normalization, ReLU6. */
    "x = input 1x3x12x12; a = conv x out=16 kernel=3x3 stride=2 pad=0,0,1,1 nobias; n = affine a; r = clip n a=0 b=6;"
    "d = conv r out=16 kernel=3x3 pad=1 group=16 nobias; m = affine d; s = clip m a=0 b=6; y = conv s out=32; want r y",
    /* Inverted residual with hard-swish. */
    "x = input 1x8x6x6; a = conv x out=24; h = hardswish a; d = conv h out=24 kernel=5x5 pad=2 group=24;"
    "i = hardswish d; p = avgpool i kernel=6x6; e = conv p out=24; g = hardsigmoid e a=0.2 b=0.5; m = mul i g;"
    "b = conv m out=8; y = add b x",
    /* Classifier heads. */
    "x = input 1x3x12x12; a = conv x out=16 kernel=3x3 relu; p = maxpool a kernel=2x2 stride=2; f = reshape p to=1x400;"
    "h = dense f out=33; r = relu h; l = dense r out=10; y = softmax l axis=1; want l y",
    "x = input 1x16x6x6; a = conv x out=33; p = avgpool a kernel=6x6; y = softmax p axis=1; want p y",
    /* NHWC export around NCHW kernels. */
    "x = input 1x9x8x3; t = transpose x perm=0,3,1,2; a = conv t out=16 kernel=3x3 pad=1 relu;"
    "u = transpose a perm=0,2,3,1; c = const 16; b = add u c; r = relu b; v = transpose r perm=0,3,1,2;"
    "y = avgpool v kernel=3x3 stride=2 pad=1",
    /* Decoder: dense, reshape, transposed convolution, depth to space by reshape and transpose. */
    "x = input 1x16; f = dense x out=96; r = relu f; q = reshape r to=1x6x4x4; u = deconv q out=8 kernel=4x4 stride=2 "
    "pad=1;"
    "v = leaky u a=0.2; w = conv v out=12 kernel=3x3 pad=1; k = reshape w to=1x2x2x3x8x8;"
    "l = transpose k perm=0,3,4,1,5,2; s = reshape l to=1x3x16x16; y = tanh s",
    /* Attention over positions. */
    "x = input 1x5x8; k = dense x out=8; q = dense x out=8; v = dense x out=8; t = transpose k perm=0,2,1;"
    "m = matmul q t; a = softmax m axis=2; o = matmul a v; y = add o x",
    /* A branch of constants only; the picture itself wanted; a concat inside a concat; slices and pads. */
    "x = input 1x3x6x6; c = const 1x3x1x1; s = sigmoid c; a = mul x s; k = const 1x3x6x6; l = conv k out=3; y = add a "
    "l",
    "x = input 1x3x6x6; y = conv x out=16 kernel=3x3 pad=1 relu; want x y",
    "x = input 1x8x5x5; a = conv x out=8 relu; b = concat a x axis=1; c = concat b a x axis=1; y = conv c out=16 relu;"
    "want b y",
    "x = input 1x8x7x7; p = pad x begin=0,0,2,1 end=0,0,1,2 mode=reflect; a = conv p out=16 kernel=4x4 stride=2 relu;"
    "e = slice a start=0,0,0,0 step=1,2,1,1 to=1x8x4x4; o = slice a start=0,1,0,0 step=1,2,1,1 to=1x8x4x4;"
    "m = mul e o; y = concat m e axis=1",
    "x = input 1x16x8x8; p = avgpool x kernel=2x2 stride=2; s = slice x start=0,0,0,0 step=1,1,2,2 to=1x16x4x4;"
    "z = pad s begin=0,8,0,0 end=0,8,0,0; a = conv p out=32 relu; b = add a z; y = prelu b; want b y",
};
const int ops_net_case_count = sizeof ops_net_cases / sizeof *ops_net_cases;
