"""Names that people bring from PyTorch, Keras, Caffe, Darknet and Python, and what they are called here."""

from __future__ import annotations

import re
from collections.abc import Iterable

WORDS: dict[str, str] = {
    "True": "true", "False": "false", "TRUE": "true", "FALSE": "false", "None": "none", "null": "none",
    "nil": "none", "And": "and", "Or": "or", "Not": "not",
}  # fmt: skip
"""Words that can be replaced as they stand."""

CALLED: dict[str, str] = {
    "conv": "convolution convolutional",
    "conv_transpose": "conv2dtranspose deconvolution deconv deconvolutional transposedconv convt",
    "linear": "dense denselayer fc fullyconnected innerproduct connected gemm",
    "bn": "batchnorm batchnormalization batchnorm1d syncbatchnorm",
    "lrn": "localresponsenorm localresponsenormalization",
    "groupnorm": "groupnormalization",
    "layernorm": "layernormalization",
    "maxpool": "maxpooling pooling",
    "avgpool": "averagepooling averagepool meanpool",
    "adaptive_avgpool": "adaptiveaveragepool",
    "global_avgpool": "globalaveragepooling globalaveragepool gap",
    "global_maxpool": "globalmaxpooling gmp",
    "relu": "rectifier",
    "leaky_relu": "lrelu",
    "silu": "swish",
    "hard_swish": "hswish",
    "sigmoid": "logistic",
    "droppath": "stochasticdepth",
    "identity": "noop",
    "upsample": "upsampling interpolate resize upsamplingnearest",
    "zero_pad": "zeropadding",
    "channel_shuffle": "shufflechannels",
    "concat": "cat concatenate route",
    "add": "sumlanes shortcut sum summation elementwiseadd eltwiseadd",
    "mul": "multiply",
    "mean": "average",
    "max": "maximum",
}  # fmt: skip
"""Ops, and what others call them, as `key` spells it. Arguments differ too, so that the name alone may be no repair."""
_OPS = {foreign: op for op, names in CALLED.items() for foreign in names.split()}

DEPTHWISE = "a depthwise convolution is `conv(in.channels, 3x3, pad=1, groups=in.channels)`"
ABSENT: dict[str, str] = {
    "dwconv depthwiseconv depthwise convdw conv2ddw depthwiseconvolution convolutiondepthwise": DEPTHWISE,
    "separableconv sepconv separable depthwiseseparableconv dsconv dwsepconv":
        f"{DEPTHWISE}, and `conv(64, 1x1)` behind it makes it separable",
    "groupconv groupedconv": "groups are an argument: `conv(64, 3x3, pad=1, groups=4)`",
    "dilatedconv atrousconv": "dilation is an argument: `conv(64, 3x3, pad=2, dilation=2)`",
    "pointwiseconv pointwise pwconv": "a pointwise convolution is `conv(64, 1x1)`",
    "deformconv dcn involution octconv partialconv gatedconv": "the convolutions are `conv` and `conv_transpose`",
    "pixelshuffle depthtospace": "`conv_transpose(64, 2x2, stride=2)` and `upsample(2)` enlarge maps",
    "pixelunshuffle spacetodepth reorg focus": "`conv(64, 2x2, stride=2)` and `maxpool(2x2)` make maps smaller",
    "relu6": "`relu` has no upper bound; `hard_swish` has one inside",
    "hardtanh": "`tanh` is the smooth one; none is made of straight pieces",
    "hardsigmoid hsigmoid": "`sigmoid` is the smooth one; `hard_swish` has one of straight pieces inside",
    "celu": "near are `elu` and `selu`, which are other functions",
    "softplus softsign logsigmoid sinh sin cos exp log sqrt square pow abs threshold softshrink hardshrink tanhshrink "
    "glu geglu swiglu crelu thresholdedrelu snake":
        "the activations are `relu`, `leaky_relu`, `elu`, `gelu`, `silu`, `tanh`, `sigmoid` and more: `cnndsl ops`",
    "logsoftmax": "a loss that takes logits contains it: end in `linear(10)`; `softmax` is another function",
    "softmin": "`softmax` is another function",
    "leaky": "Darknet's has a slope of 0.1: `leaky_relu(0.1)`",
    "dropout2d dropout3d spatialdropout2d spatialdropout featuredropout alphadropout":
        "`dropout(0.5)` drops single values and `dropblock(7, 0.9)` blocks of them; none drops whole channels",
    "upsamplingbilinear bilinear": "`upsample(2, mode=bilinear)` interpolates",
    "minpool": "the pools are `maxpool` and `avgpool`",
    "pool": "the pools are `maxpool` and `avgpool`",
    "eltwise": "lanes are joined by `add`, `mul` or `max`, as `add { | conv(16, 3x3, pad=1) | }`",
    "activation act": "an activation is a step by its own name: `relu`",
    "norm normalization": "the norms are `bn`, `groupnorm`, `layernorm` and `lrn`",
    "input inputlayer data": "the input is stated by the network: `network N : 3 x 224 x 224 -> 1000 { … }`",
    "lppool fractionalmaxpool maxunpool unpool roipool roialign softpool l2pool sumpool":
        "the pools are `maxpool`, `avgpool` and `stochastic_pool`; `upsample(2)` enlarges",
    "se semodule selayer seblock squeezeexcite squeezeexcitation squeezeandexcitation senet":
        "it is written out with `let c = in.channels` before "
        "`mul { | | adaptive_avgpool(1) -> conv(max(c // 16, 1), 1x1) -> relu -> conv(c, 1x1) -> sigmoid }`",
    "cbam eca gc scse": "a gate is written out, as `mul { | | conv(in.channels, 1x1) -> sigmoid }`",
    "attention selfattention multiheadattention mha transformer transformerencoderlayer crossattention":
        "there is no attention: networks are of convolutions",
    "lstm gru rnn embedding lstmcell convlstm": "there are no sequences: networks are for images",
    "instancenorm": "`groupnorm(in.channels)` normalises each channel of an image by itself",
    "weightnorm spectralnorm rmsnorm filterresponsenorm frn l2norm normalize mvn":
        "the norms are `bn`, `groupnorm`, `layernorm` and `lrn`",
    "reflectionpad replicationpad reflectpad mirrorpad circularpad": "`zero_pad(1)` pads, with zeros",
    "pad padding": "`zero_pad(1)` pads; a convolution has its own, as in `conv(64, 3x3, pad=1)`",
    "reshape": "features can't become a map again; `flatten` makes them", "view": "`flatten` makes a map flat",
    "squeeze": "`flatten` makes a map flat", "unsqueeze": "`adaptive_avgpool(1)` leaves a map of 1 x 1",
    "permute transpose swapaxes": "shapes are channels x height x width everywhere: leave it out",
    "sub subtract minus minimum min div divide matmul dot einsum outer stack":
        "lanes are joined by `add`, `mul`, `mean`, `max` and `concat`",
    "split chunk unbind narrow crop centercrop cropping gather": "`slice(0, 16)` takes the channels 0 to 15",
    "gaussiannoise noise": "`dropout(0.1)` draws at random in training",
    "print": "a spec is data: nothing is executed",
    "crossentropyloss crossentropy nllloss mseloss bceloss softmaxwithloss softmaxloss loss accuracy":
        "a loss is no part of a network: end in `linear(10)`",
    "detect yolo region detection": "a head is convolutions: `conv(255, 1x1)`",
    "c3 c2f sppf bottleneckcsp ghostconv mbconv invertedresidual":
        "write it as a `block`; `cnndsl ops` lists the blocks of `std`",
    "conv1d": "`conv(64, 1x3)` slides along the width alone",
}  # fmt: skip
"""Ops of others that there are none of, as `key` spells them, and what is near."""
_ABSENT = {name: help for names, help in ABSENT.items() for name in names.split()}

INPUT = {"x", "in", "input", "inputs", "None", "none", "null", "nil", "pass", "noop", "nothing"}
"""What the flowing value, or a step that does nothing, is called elsewhere."""
EARLIER = {"skip", "shortcut", "residual", "res", "original", "saved", "previous"}
"""What a value that is kept for later is called elsewhere."""

SEQUENCES = {"sequential", "sequence", "seq", "chain", "modulelist"}
"""What others wrap steps in that here just follow one another."""

FUNCTIONS: dict[str, str] = {
    "int": "`floor(…)` gives an integer; `//` divides integers", "float": "`1 * …` is a number already",
    "pow": "`x * x` multiplies", "log2": "there is no logarithm", "log": "there is no logarithm",
    "enumerate": "`for x in list as i { … }` counts", "zip": "`for x in list as i { … }`, and `other[i]`",
    "reversed": "write the list out in that order", "sorted": "write the list out in that order",
    "list": "a list is written `[1, 2]`", "tuple": "a list is written `[1, 2]`, a size `3x3`",
    "divisible": "write it out: `(x + 4) // 8 * 8`", "make_divisible": "write it out: `(x + 4) // 8 * 8`",
}  # fmt: skip
"""Functions of Python that there are none of."""


def key(name: str) -> str:
    """A name without case, underscores, and the mark of two dimensions."""
    return name.lower().replace("_", "").removesuffix("2d")


def called(name: str, known: Iterable[str]) -> str | None:
    """What an op of others is called here, where it is the same function."""
    if absent(name):
        return None
    spelled, known = key(name), list(known)
    meant = _OPS.get(spelled)
    return meant if meant in known else next((each for each in known if key(each) == spelled), None)


def absent(name: str) -> str | None:
    """What is near an op of others that there is none of."""
    spelled = name.lower().replace("_", "")
    for each in (spelled, key(name)):
        if each in _ABSENT:
            return _ABSENT[each]
    if re.search("[a-z][13]d$", spelled) and spelled not in _OPS:
        return "maps are channels x height x width: there are no ops over one or three dimensions"
    return None


SYNONYMS = {
    "ReLU", "Relu", "ELU", "GELU", "SiLU", "swish", "Swish", "Hardswish", "Sigmoid", "Tanh", "Softmax", "Dropout",
    "Flatten", "Identity", "cat", "Concat", "Concatenate", "Add", "max_pool", "avg_pool", "global_avg_pool", "gap",
    "GlobalAvgPool2D", "GlobalAveragePooling", "GlobalAveragePooling2D",
}  # fmt: skip
"""Those of them that mean the same thing, in another spelling."""

ARGUMENTS = {
    "kernel_size": "size", "kernel": "size", "ksize": "size", "k": "size", "padding": "pad", "padding_size": "pad",
    "strides": "stride", "s": "stride", "subsample": "stride",
    "out_channels": "out", "num_output": "out", "filters": "out", "out_features": "out", "units": "out",
    "channels": "out", "features": "out", "num_filters": "out", "n_filters": "out", "output": "out",
    "use_bias": "bias", "bias_term": "bias", "group": "groups", "num_groups": "groups", "rate": "p", "prob": "p",
    "dropout_ratio": "p", "drop_prob": "p", "probability": "p",
    "dilation_rate": "dilation", "dilate": "dilation", "atrous_rate": "dilation", "dilations": "dilation",
    "pool_size": "size", "window": "size",
    "negative_slope": "slope", "output_padding": "output_pad", "epsilon": "eps", "scale_factor": "scale",
    "interpolation": "mode", "output_size": "size", "local_size": "size",
    "window_shape": "size", "kernel_shape": "size", "alpha": "slope", "n_groups": "groups",
}  # fmt: skip
"""What people write who come from PyTorch, Keras or Caffe."""

OTHERWISE = {"ceil_mode", "rate"}
"""Those whose values are written otherwise too, or may mean something else."""

KNOWN = (
    "in_channels", "in_features", "num_features", "input_shape", "input_dim", "input_channels", "in_planes",
    "num_channels",
)  # fmt: skip
"""What they give that is known here."""

INPUT_DIM = re.compile(r"(in_?|input_?|x_)?(channels|planes|features|height|width)")
"""What the dimensions of the flowing value are called elsewhere."""

NEEDLESS = {
    **dict.fromkeys(KNOWN, "what comes in is known"),
    "inplace": "no step changes another's result", "data_format": "shapes are channels x height x width",
    "dim": "it is over the channels, or features", "axis": "it is over the channels, or features",
    "dtype": "values have no type here", "device": "a network is on no device", "trainable": "all weights train",
}  # fmt: skip
"""What they give and can be left out here, and why."""

VOID = {"inplace"}
"""Those of them that say nothing of the network."""

ELSEWHERE = {
    "activation": "an activation is a step of its own: `-> relu`",
    "act": "an activation is a step of its own: `-> relu`",
    "nonlinearity": "an activation is a step of its own: `-> relu`",
    "batch_normalize": "normalisation is a step of its own: `-> bn`",
    "norm": "normalisation is a step of its own: `-> bn`",
    "bn": "normalisation is a step of its own: `-> bn`",
    "batch_norm": "normalisation is a step of its own: `-> bn`",
    "name": "a label names a step: `name: …`",
    "padding_mode": "`pad` pads with zeros; there is no other mode", "round_mode": "`round=ceil` or `round=floor`",
    "kernel_initializer": "`init weight = he` states how tensors start",
    "weight_filler": "`init weight = he` states how tensors start",
    "weight_init": "`init weight = he` states how tensors start",
    "bias_filler": "`init bias = 0` states how tensors start",
    "bias_initializer": "`init bias = 0` states how tensors start",
    "align_corners": "`mode=bilinear` is that of `align_corners=False`",
    "kernel_regularizer": "how a network is trained is no part of it",
    "weight_decay": "how a network is trained is no part of it",
}  # fmt: skip
"""What they give by an argument and is said otherwise here."""

VALUES: dict[str, dict[str, str]] = {
    "ceil_mode": {"true": "round=ceil", "false": "round=floor"},
    "pad": {"valid": "pad=0", "same": "pad=same", "none": "pad=0"},
    "bias": {"none": "bias=false", "no": "bias=false", "off": "bias=false", "0": "bias=false", "false": "bias=false",
             "yes": "bias=true", "on": "bias=true", "1": "bias=true", "true": "bias=true"},
    "round": {"up": "round=ceil", "ceiling": "round=ceil", "true": "round=ceil", "down": "round=floor",
              "false": "round=floor"},
    "mode": {"linear": "mode=bilinear", "nearest_neighbor": "mode=nearest", "nearest_neighbour": "mode=nearest"},
}  # fmt: skip
"""Values of arguments in others' words, and the argument as it is written here."""
