"""The architectures of the sample networks that see or make pictures. Sides: 112 px in, halved four times down to 7."""

from graph import Graph

SIDE = 112
LATENT = 64


def _mixed(g, name, x, one, three, five, pool):
    """GoogLeNet's module: 1x1, 1x1 -> 3x3, 1x1 -> 5x5 and max pooling -> 1x1 side by side. three, five: (reduced, out)."""
    branches = [
        g.conv_relu(name + "_1x1", x, one, 1),
        g.conv_relu(name + "_3x3", g.conv_relu(name + "_3x3_reduce", x, three[0], 1), three[1], 3),
        g.conv_relu(name + "_5x5", g.conv_relu(name + "_5x5_reduce", x, five[0], 1), five[1], 5),
        g.conv_relu(name + "_pool_reduce", g.max_pool(name + "_pool", x, 3, 1, 1), pool, 1),
    ]
    return g.concat(name, branches)


def classifier(classes):
    """A small GoogLeNet, drawn for pictures of what it has learned.

    No convolution strides: the resolution is halved by average pooling over 4x4, which covers every pixel equally often
    (overlapping 3x3 windows leave a checkerboard in the gradient) and blurs before it drops pixels. LRN with beta 0.5
    divides by the root of the energy, so that a strong unit saturates instead of running away.
    """
    g = Graph("classifier", "picture", [3, SIDE, SIDE])
    lrn = {"size": 5, "alpha": 0.5, "beta": 0.5, "bias": 1.0}
    x = g.conv_relu("conv1", "picture", 24, 7, smooth=True)
    x = g.add("LRN", "norm1", g.average_pool("pool1", x, 4, 2, 1), **lrn)
    x = _mixed(g, "mixed2a", x, 16, (16, 40), (8, 16), 16)
    x = g.add("LRN", "norm2", g.average_pool("pool2", x, 4, 2, 1), **lrn)
    x = _mixed(g, "mixed3a", x, 32, (32, 48), (16, 24), 24)
    x = _mixed(g, "mixed3b", x, 48, (48, 72), (16, 32), 24)
    x = g.average_pool("pool3", x, 4, 2, 1)
    x = _mixed(g, "mixed4a", x, 64, (56, 96), (16, 32), 32)
    x = _mixed(g, "mixed4b", x, 64, (64, 104), (16, 40), 32)
    x = _mixed(g, "mixed4c", x, 64, (64, 104), (16, 40), 32)
    x = g.average_pool("pool4", x, 4, 2, 1)
    x = _mixed(g, "mixed5a", x, 80, (72, 128), (24, 48), 40)
    x = _mixed(g, "mixed5b", x, 96, (80, 144), (24, 48), 48)
    g.classify(x, classes)
    return g


def _residual(g, name, x, channels, stride):
    inner = g.conv_relu(name + "_a", x, channels, 3, stride)
    inner = g.conv(name + "_b", inner, channels, 3)
    if stride != 1 or g.channels[x] != channels:
        x = g.conv(name + "_skip", x, channels, 1, stride)
    return g.add("Relu", name, g.add("Add", name + "_pre_relu", [inner, x]))


def second(classes):
    """The other witness: residual, strided, batch normalization left in the file. It shares nothing with the first."""
    g = Graph("second", "picture", [3, SIDE, SIDE], fold=False)
    x = g.max_pool("pool1", g.conv_relu("conv1", "picture", 24, 5, 2), 3, 2, 1)
    for name, channels, stride in (("block2a", 32, 1), ("block3a", 64, 2), ("block3b", 64, 1), ("block4a", 96, 2),
                                   ("block4b", 96, 1)):
        x = _residual(g, name, x, channels, stride)
    g.classify(x, classes)
    return g


def generator():
    """Latent vector to picture in 0..1. Kernels of 4 at stride 2 overlap evenly: no checkerboard."""
    g = Graph("generator", "latent", [LATENT, 1, 1])

    def leaky(name, x):
        return g.add("LeakyRelu", name, x, alpha=0.2)

    x = leaky("seed", g.conv_transpose("seed_pre_relu", "latent", 32, 7, 1, 0))
    x = leaky("mix7", g.conv("mix7_pre_relu", x, 64, 3))
    x = leaky("grow14", g.conv_transpose("grow14_pre_relu", x, 48, 4, 2, 1))
    x = leaky("mix14", g.conv("mix14_pre_relu", x, 48, 3))
    x = leaky("grow28", g.conv_transpose("grow28_pre_relu", x, 32, 4, 2, 1))
    x = leaky("mix28", g.conv("mix28_pre_relu", x, 32, 3))
    x = leaky("grow56", g.conv_transpose("grow56_pre_relu", x, 24, 4, 2, 1))
    x = leaky("grow112", g.conv_transpose("grow112_pre_relu", x, 16, 4, 2, 1))
    g.add("Sigmoid", "picture", g.conv("picture_pre_sigmoid", x, 3, 3, norm=False))
    return g


def denoiser():
    """A denoising autoencoder with skips: pictures in 0..1 with noise of any strength up to 0.4 in, without noise out."""
    g = Graph("denoiser", "noisy", [3, SIDE, SIDE])
    skips = []
    x = g.conv_relu("down1a", "noisy", 24, 3)
    x = g.conv_relu("down1b", x, 24, 3)
    for level, channels in ((2, 48), (3, 64)):
        skips.append(x)
        x = g.average_pool("pool%d" % (level - 1), x, 2, 2, 0)
        x = g.conv_relu("down%da" % level, x, channels, 3)
        x = g.conv_relu("down%db" % level, x, channels, 3)
    skips.append(x)
    x = g.conv_relu("code", g.average_pool("pool3", x, 2, 2, 0), 64, 3)
    for level, channels in ((3, 40), (2, 32), (1, 24)):
        grown = g.add("Relu", "grow%d" % level, g.conv_transpose("grow%d_pre_relu" % level, x, g.channels[x], 2, 2, 0))
        x = g.conv_relu("up%d" % level, g.concat("join%d" % level, [grown, skips.pop()]), channels, 3)
    g.add("Sub", "denoised", ["noisy", g.conv("noise", x, 3, 3, norm=False)], 3)
    return g
