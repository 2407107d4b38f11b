"""The networks of the zoo, written a second time from papers and authors' files, for their figures alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tests.zoo.arithmetic import Count


def classified(count: Count, classes: int = 1000) -> Count:
    return count.linear(4096).linear(4096).linear(classes)


def early() -> dict[str, Count]:
    alexnet = Count(3, 227).conv(96, 11, 4).pool(3, 2).conv(256, 5, 1, 2, 2).pool(3, 2)
    alexnet.conv(384, 3, 1, 1).conv(384, 3, 1, 1, 2).conv(256, 3, 1, 1, 2).pool(3, 2)
    one_tower = Count(3, 224).conv(64, 11, 4, 2).pool(3, 2).conv(192, 5, 1, 2).pool(3, 2)
    one_tower.conv(384, 3, 1, 1).conv(256, 3, 1, 1).conv(256, 3, 1, 1).pool(3, 2)
    # LeNet-5: C1, S2, C3, S4, C5, F6; subsampling costs no multiply-adds here
    lenet5 = Count(84, 1, 156 + 12 + 1516 + 32 + 48_120 + 10_164, 784 * 150 + 100 * 60 * 25 + 48_000 + 84 * 120)
    return {
        **dict.fromkeys(("alexnet_paper", "alexnet_two_towers", "caffenet"), classified(alexnet)),
        "alexnet": classified(one_tower),
        "lenet5_1998": lenet5,
        "lenet5": Count(1, 32).conv(6, 5).pool(2, 2).conv(16, 5).pool(2, 2).conv(120, 5).linear(84).linear(10),
        "lenet_caffe": Count(1, 28).conv(20, 5).pool(2, 2).conv(50, 5).pool(2, 2).linear(500).linear(10),
        "zfnet": zfnet(384, 384, 256),
        "zfnet512": zfnet(512, 1024, 512),
        "nin_cifar10": nin(10),
        "nin_cifar100": nin(100),
        "nin_imagenet": nin_imagenet(),
    }


def zfnet(*maps: int) -> Count:
    net = Count(3, 224).conv(96, 7, 2, 1).pool_up(3, 2).conv(256, 5, 2).pool_up(3, 2)
    for out in maps:
        net.conv(out, 3, 1, 1)
    return classified(net.pool(3, 2))


def nin(classes: int) -> Count:
    net = Count(3, 32).conv(192, 5, 1, 2).conv(160, 1).conv(96, 1).pool_up(3, 2)
    net.conv(192, 5, 1, 2).conv(192, 1).conv(192, 1).pool_up(3, 2)
    return net.conv(192, 3, 1, 1).conv(192, 1).conv(classes, 1)


def nin_imagenet() -> Count:
    net = Count(3, 224).conv(96, 11, 4).conv(96, 1).conv(96, 1).pool_up(3, 2)
    net.conv(256, 5, 1, 2).conv(256, 1).conv(256, 1).pool_up(3, 2)
    net.conv(384, 3, 1, 1).conv(384, 1).conv(384, 1).pool_up(3, 2)
    return net.conv(1024, 3, 1, 1).conv(1024, 1).conv(1000, 1)


def vgg(depths: str, bn: bool = False, third: int = 3) -> Count:
    net = Count(3, 224)
    for width, depth in zip((64, 128, 256, 512, 512), map(int, depths), strict=True):
        for i in range(depth):
            size = third if i == 2 else 3
            net.conv(width, size, 1, size // 2)
            if bn:
                net.bn()
        net.pool(2, 2)
    return classified(net)


def vggs() -> dict[str, Count]:
    found = {
        "vgg_three_3x3": Count(256, 28).conv(256, 3, 1, 1, 1, False).conv(256, 3, 1, 1, 1, False)
        .conv(256, 3, 1, 1, 1, False),
        "vgg_one_7x7": Count(256, 28).conv(256, 7, 1, 3, 1, False),
    }  # fmt: skip
    nets = {"11": "11222", "11_lrn": "11222", "13": "22222", "16_c": "22333", "16": "22333", "19": "22444"}
    for name, depths in nets.items():
        for bn in (False, True):
            found[f"vgg{name}{'_bn' * bn}"] = vgg(depths, bn, 1 if name == "16_c" else 3)
    return found


INCEPTION = [
    (64, 96, 128, 16, 32, 32), (128, 128, 192, 32, 96, 64), (),
    (192, 96, 208, 16, 48, 64), (160, 112, 224, 24, 64, 64), (128, 128, 256, 24, 64, 64),
    (112, 144, 288, 32, 64, 64), (256, 160, 320, 32, 128, 128), (),
    (256, 160, 320, 32, 128, 128), (384, 192, 384, 48, 128, 128),
]  # fmt: skip
"""Table 1 of GoogLeNet, with a pool where nothing stands."""


def googlenet(torchvision: bool, heads: bool) -> Count:
    unit = Count.conv_bn if torchvision else Count.conv
    large = 3 if torchvision else 5
    net = unit(Count(3, 224), 64, 7, 2, 3).pool_up(3, 2)
    unit(unit(net, 64, 1), 192, 3, 1, 1).pool_up(3, 2)
    modules = 0
    for row in INCEPTION:
        if not row:
            net.pool_up(3, 2)
            continue
        c1, r3, c3, r5, c5, cp = row
        middle, wide = unit(net.lane(), r3, 1), unit(net.lane(), r5, 1)
        unit(middle, c3, 3, 1, 1), unit(wide, c5, large, 1, large // 2)
        net.concat(unit(net.lane(), c1, 1), middle, wide, unit(net.lane(), cp, 1))
        modules += 1
        if heads and modules in (3, 6):
            net.pay(unit(Count(net.channels, 4), 128, 1).linear(1024).linear(1000))
    return net.global_pool().linear(1000)


def module(*lanes: Sequence[tuple[int, int]]) -> Count:
    net = Count(256, 28)
    for convs in lanes:
        lane = net.lane()
        for out, size in convs:
            lane.conv(out, size, 1, size // 2)
        net.pay(lane)
    return net


BN_INCEPTION = [
    (64, 64, 64, 64, 96, 32), (64, 64, 96, 64, 96, 64), (128, 160, 64, 96),
    (224, 64, 96, 96, 128, 128), (192, 96, 128, 96, 128, 128), (160, 128, 160, 128, 160, 128),
    (96, 128, 192, 160, 192, 128), (128, 192, 192, 256),
    (352, 192, 320, 160, 224, 128), (352, 192, 320, 192, 224, 128),
]  # fmt: skip
"""Figure 5 of BN-Inception; the short rows have a stride of 2."""


def bn_inception(unit: Callable[..., Count] = Count.conv_bn, printed: bool = False) -> Count:
    net = Count(3, 224)
    if printed:
        net.conv(24, 7, 2, 3, 3, False).conv_bn(64, 1)
    else:
        unit(net, 64, 7, 2, 3)
    unit(unit(net.pool_up(3, 2), 64, 1), 192, 3, 1, 1).pool_up(3, 2)
    for i, row in enumerate(BN_INCEPTION):
        r3, c3, rd, cd = row[-4:] if len(row) == 4 else row[1:5]
        stride = 2 if len(row) == 4 else 1
        middle, double = unit(net.lane(), r3, 1), unit(net.lane(), rd, 1)
        unit(middle, c3, 3, stride, 1), unit(unit(double, cd, 3, 1, 1), cd, 3, stride, 1)
        if stride == 2:
            net.concat(middle, double, net.lane())
            net.side = middle.side
        else:
            projection = 96 if printed and i in (5, 6) else row[5]
            net.concat(unit(net.lane(), row[0], 1), middle, double, unit(net.lane(), projection, 1))
    return net.global_pool().linear(1000)


def inceptions() -> dict[str, Count]:
    return {
        "googlenet_paper": googlenet(False, False),
        "googlenet_paper_aux": googlenet(False, True),
        "googlenet": googlenet(True, False),
        "googlenet_aux": googlenet(True, True),
        "inception_naive": module([(128, 1)], [(192, 3)], [(96, 5)]),
        "inception_bottleneck": module([(128, 1)], [(64, 1), (192, 3)], [(64, 1), (96, 5)], [(64, 1)]),
        "bn_inception": bn_inception(),
        "bn_inception_without_bn": bn_inception(Count.conv),
        "inception_v2": bn_inception(printed=True),
    }


def fire(net: Count, squeezed: int, expanded: int, bypass: bool = False) -> None:
    beside = net.lane().conv(2 * expanded, 1) if bypass else net.lane()
    net.conv(squeezed, 1)
    net.concat(net.lane().conv(expanded, 1), net.lane().conv(expanded, 3, 1, 1)).pay(beside)


def squeezenet(side: int = 224, pad: int = 0, bypass: bool = False) -> Count:
    """Version 1.0; the complex bypass goes around every second module."""
    net = Count(3, side).conv(96, 7, 2).pool_up(3, 2)
    for i, squeezed in enumerate((16, 16, 32, 32, 48, 48, 64, 64)):
        fire(net, squeezed, 4 * squeezed, bypass and i % 2 == 0)
        if i in (2, 6):
            net.pool_up(3, 2)
    return net.conv(1000, 1, 1, pad)


def squeezenet1_1() -> Count:
    net = Count(3, 224).conv(64, 3, 2)
    for i, squeezed in enumerate((16, 16, 32, 32, 48, 48, 64, 64)):
        if i in (0, 2, 4):
            net.pool_up(3, 2)
        fire(net, squeezed, 4 * squeezed)
    return net.conv(1000, 1)


def fractalnet(columns: int, widths: tuple[int, ...], classes: int) -> Count:
    """As the authors' generator goes: step by step, with a convolution in each column whose turn it is."""
    net, inputs = Count(0, 32), [3] * columns
    for width in widths:
        for step in range(1, 2 ** (columns - 1) + 1):
            for column in range(columns):
                if step % 2**column == 0:
                    net.pay(Count(inputs[column], net.side).conv(width, 3, 1, 1))
                    inputs[column] = width
        net.pool(2, 2)
    net.channels = widths[-1]
    return net.linear(classes)


NARROW = (16, 32, 64, 128, 128)


def prelunet(n: int, widths: tuple[int, ...], slopes: str) -> Count:
    net = Count(3, 224).conv(96, 7, 2, 3).pool(2, 2)
    layers = [96]
    for i, width in enumerate(widths):
        if i:
            net.pool(2, 2)
        for _ in range(n):
            net.conv(width, 3, 1, 1)
            layers.append(width)
    net.channels, net.side = net.channels * (7 * 7 + 3 * 3 + 2 * 2 + 1), 1
    layers += [4096, 4096]
    classified(net).params += {"": sum(layers), "_shared": len(layers), "_relu": 0}[slopes]
    return net


def mishkin(
    maps: tuple[int, ...] = (96, 256, 384, 384, 256, 2048), pieces: int = 1, extra: int = 0, pool: str = "pool"
) -> Count:
    """`pieces` layers side by side for maxout, as in the authors' files; `extra` parameters a map in activations."""
    net, stride = Count(3, 128), 2 if pool == "none" else 1

    def layer(out: int, size: int, stride: int = 1, pad: int = 0, groups: int = 1) -> None:
        lanes = [net.lane().conv(out, size, stride, pad, groups) for _ in range(pieces)]
        net.channels, net.side = out, lanes[0].side
        net.pay(*lanes).params += extra * out

    def pooled() -> None:
        if pool == "pool":
            net.pool_up(3, 2)
        elif pool == "strided convolution":
            net.conv(net.channels, 3, 2, 1)

    layer(maps[0], 11, 4)
    pooled()
    layer(maps[1], 5, stride, 2, 2)
    pooled()
    layer(maps[2], 3, stride, 1)
    layer(maps[3], 3, 1, 1, 2)
    layer(maps[4], 3, stride, 1, 2)
    pooled()
    layer(maps[5], net.side)
    layer(maps[5], 1)
    return net.linear(1000)


PLAIN = (
    "caffenet128 linear tanh scaled_tanh sigmoid leaky_relu very_leaky_relu rrelu elu selu gelu silu mish hard_swish "
    "avgpool stochastic_pool max_avg_pool"
)
"""Mishkin's variants that neither train nor pool anything else than the base network."""


def others() -> dict[str, Count]:
    found = {
        "squeezenet1_0": squeezenet(),
        "squeezenet1_0_caffe": squeezenet(227, 1),
        "squeezenet1_0_simple_bypass": squeezenet(),
        "squeezenet1_0_complex_bypass": squeezenet(bypass=True),
        "squeezenet1_1": squeezenet1_1(),
        "fractalnet20": fractalnet(3, (64, 128, 256, 512, 512), 10),
        "fractalnet40": fractalnet(4, NARROW, 10),
        **{f"fractalnet_c{c}": fractalnet(c, NARROW, 100) for c in range(1, 7)},
        **{f"mishkin_{name}": mishkin() for name in PLAIN.split()},
        "mishkin_prelu": mishkin(extra=1),
        "mishkin_apl2": mishkin(extra=2 * 2),
        "mishkin_apl5": mishkin(extra=2 * 5),
        "mishkin_bn_before": mishkin(extra=2),
        "mishkin_bn_after": mishkin(extra=2),
        "mishkin_maxout": mishkin((48, 128, 192, 192, 128, 1024), pieces=2),
        "mishkin_maxout_narrow": mishkin((68, 182, 272, 272, 172, 1448), pieces=2),
        "mishkin_maxout_wide": mishkin(pieces=2),
        "mishkin_strided_conv": mishkin(pool="strided convolution"),
        "mishkin_no_pool": mishkin(pool="none"),
    }
    models = {"a": (5, (256, 512, 512)), "b": (6, (256, 512, 512)), "c": (6, (384, 768, 896))}
    for name, (n, widths) in models.items():
        for slopes in ("", "_shared", "_relu"):
            found[f"prelunet_{name}{slopes}"] = prelunet(n, widths, slopes)
    return found
