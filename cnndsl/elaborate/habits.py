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
    "Identity": "identity", "Upsample": "upsample", "GlobalAvgPool2D": "global_avgpool",
    "GlobalAveragePooling": "global_avgpool", "AvgPool2D": "avgpool", "UpSampling2D": "upsample",
    "ZeroPad2d": "zero_pad", "ZeroPadding2D": "zero_pad",
    "ChannelShuffle": "channel_shuffle", "cat": "concat", "Concat": "concat", "Concatenate": "concat",
    "Add": "add", "Eltwise": "add", "sum_lanes": "add", "shortcut": "add", "route": "concat",
}  # fmt: skip
"""Ops: their arguments differ too, so that the name alone is no repair."""

ABSENT: dict[str, str] = {
    "pixel_shuffle": "`conv_transpose(…)` and `upsample(…)` enlarge maps",
    "PixelShuffle": "`conv_transpose(…)` and `upsample(…)` enlarge maps",
    "relu6": "`relu` has no upper bound; `hard_swish` and `hard_sigmoid` have one inside",
    "ReLU6": "`relu` has no upper bound; `hard_swish` and `hard_sigmoid` have one inside",
    "Reshape": "features can't become a map again; `flatten` makes them", "view": "`flatten` makes a map flat",
    "reshape": "`flatten` makes a map flat", "squeeze": "`flatten` makes a map flat",
    "unsqueeze": "`adaptive_avgpool(1)` leaves a map of 1 x 1",
}  # fmt: skip
"""Ops of others that there are none of, and what is near."""

PLAIN = {
    "relu", "elu", "gelu", "silu", "hard_swish", "sigmoid", "tanh", "softmax", "flatten", "identity",
    "concat", "add", "dropout", "global_avgpool",
}  # fmt: skip


def plain(name: str) -> bool:
    """Whether an op of another library takes no channels, so that its name alone can be replaced."""
    return OPS.get(name) in PLAIN


SYNONYMS = {
    "ReLU", "Relu", "ELU", "GELU", "SiLU", "swish", "Swish", "Hardswish", "Sigmoid", "Tanh", "Softmax", "Dropout",
    "Flatten", "Identity", "cat", "Concat", "Concatenate", "Add", "max_pool", "avg_pool", "global_avg_pool", "gap",
    "GlobalAvgPool2D", "GlobalAveragePooling", "GlobalAveragePooling2D",
}  # fmt: skip
"""Those of them that mean the same thing, in another spelling."""

ARGUMENTS = {
    "kernel_size": "size", "kernel": "size", "ksize": "size", "padding": "pad", "strides": "stride",
    "out_channels": "out", "num_output": "out", "filters": "out", "out_features": "out", "units": "out",
    "use_bias": "bias", "bias_term": "bias", "group": "groups", "ceil_mode": "round", "rate": "p",
    "dilation_rate": "dilation", "pool_size": "size", "negative_slope": "slope", "output_padding": "output_pad",
}  # fmt: skip
"""What people write who come from PyTorch, Keras or Caffe."""

OTHERWISE = {"ceil_mode", "rate"}
"""Those whose values are written otherwise too, or may mean something else."""

KNOWN = ("in_channels", "in_features", "num_features", "input_shape", "input_dim")
"""What they give that is known here."""

NEEDLESS = {
    **dict.fromkeys(KNOWN, "what comes in is known"),
    "inplace": "no step changes another's result", "data_format": "shapes are channels x height x width",
    "dim": "it is over the channels, or features", "axis": "it is over the channels, or features",
}  # fmt: skip
"""What they give and can be left out here, and why."""

VOID = {"inplace"}
"""Those of them that say nothing of the network."""

ELSEWHERE = {
    "activation": "an activation is a step of its own: `-> relu`",
    "name": "a label names a step: `name: …`",
    "padding_mode": "`pad` pads with zeros; there is no other mode", "round_mode": "`round=ceil` or `round=floor`",
    "kernel_initializer": "`init` states how tensors start", "weight_filler": "`init` states how tensors start",
    "bias_filler": "`init` states how tensors start", "bias_initializer": "`init` states how tensors start",
}  # fmt: skip
"""What they give by an argument and is said otherwise here."""
