"""Names that people bring from PyTorch, Keras, Caffe, Darknet and Python, and what they are called here."""

from __future__ import annotations

WORDS: dict[str, str] = {
    "True": "true", "False": "false", "TRUE": "true", "FALSE": "false", "None": "none", "null": "none",
    "nil": "none", "And": "and", "Or": "or", "Not": "not",
}  # fmt: skip
"""Words that can be replaced as they stand."""

OPS: dict[str, str] = {
    "Conv2d": "conv", "Conv2D": "conv", "conv2d": "conv", "Convolution": "conv", "convolutional": "conv",
    "Convolution2D": "conv", "Conv": "conv", "ConvTranspose2d": "conv_transpose",
    "Conv2DTranspose": "conv_transpose", "Deconvolution": "conv_transpose", "deconv": "conv_transpose",
    "Linear": "linear", "Dense": "linear", "dense_layer": "linear", "fc": "linear",
    "fully_connected": "linear", "InnerProduct": "linear", "connected": "linear", "BatchNorm": "bn",
    "BatchNorm2d": "bn", "BatchNormalization": "bn", "batchnorm": "bn", "batch_norm": "bn", "LRN": "lrn",
    "LocalResponseNorm": "lrn", "GroupNorm": "groupnorm", "LayerNorm": "layernorm", "MaxPool2d": "maxpool",
    "MaxPool2D": "maxpool", "MaxPooling2D": "maxpool", "max_pool": "maxpool", "max_pool2d": "maxpool",
    "AvgPool2d": "avgpool", "AveragePooling2D": "avgpool", "avg_pool": "avgpool", "avg_pool2d": "avgpool",
    "Pooling": "maxpool", "AdaptiveAvgPool2d": "adaptive_avgpool",
    "GlobalAveragePooling2D": "global_avgpool", "gap": "global_avgpool",
    "global_avg_pool": "global_avgpool", "ReLU": "relu", "Relu": "relu", "LeakyReLU": "leaky_relu",
    "PReLU": "prelu", "ELU": "elu", "GELU": "gelu", "SiLU": "silu", "swish": "silu", "Swish": "silu",
    "Hardswish": "hard_swish", "Sigmoid": "sigmoid", "Tanh": "tanh", "Softmax": "softmax",
    "Dropout": "dropout", "Dropout2d": "dropout", "DropPath": "droppath", "Flatten": "flatten",
    "Identity": "identity", "Upsample": "upsample", "PixelShuffle": "pixel_shuffle",
    "ChannelShuffle": "channel_shuffle", "cat": "concat", "Concat": "concat", "Concatenate": "concat",
    "Add": "add", "Eltwise": "add", "sum_lanes": "add", "shortcut": "add", "route": "concat",
}  # fmt: skip
"""Ops: their arguments differ too, so that the name alone is no repair."""

PLAIN = {
    "relu", "elu", "gelu", "silu", "hard_swish", "sigmoid", "tanh", "softmax", "flatten", "identity",
    "concat", "add", "dropout",
}  # fmt: skip


def plain(name: str) -> bool:
    """Whether an op of another library takes no channels, so that its name alone can be replaced."""
    return OPS.get(name) in PLAIN
