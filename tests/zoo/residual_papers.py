"""The residual and dense networks of the zoo, written a second time for their figures alone."""

from __future__ import annotations

from collections.abc import Callable

from tests.zoo.arithmetic import Count

IMAGENET = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}
Unit = Callable[[Count, int, int], None]


def shortcut(net: Count, out: int, stride: int, option: str, bn: bool = True) -> Count:
    lane = net.lane()
    if option == "C" or (option == "B" and (stride != 1 or net.channels != out)):
        lane.conv(out, 1, stride, bias=False)
        if bn:
            lane.bn()
    return lane


def basic(option: str = "B") -> Unit:
    def unit(net: Count, width: int, stride: int) -> None:
        beside = shortcut(net, width, stride, option)
        net.conv_bn(width, 3, stride, 1).conv_bn(width, 3, 1, 1).pay(beside)

    return unit


def bottleneck(groups: int = 1, base: int = 64, v1: bool = False) -> Unit:
    def unit(net: Count, width: int, stride: int) -> None:
        beside = shortcut(net, 4 * width, stride, "B")
        first, second = (stride, 1) if v1 else (1, stride)
        inner = width * base // 64 * groups
        net.conv_bn(inner, 1, first).conv_bn(inner, 3, second, 1, groups).conv_bn(4 * width, 1).pay(beside)

    return unit


def preactivation(net: Count, width: int, stride: int) -> None:
    beside = shortcut(net, width, stride, "B", bn=False)
    net.bn().conv(width, 3, stride, 1, 1, False).bn().conv(width, 3, 1, 1, 1, False).pay(beside)


def preactivation_bottleneck(net: Count, width: int, stride: int) -> None:
    beside = shortcut(net, 4 * width, stride, "B", bn=False)
    net.bn().conv(width, 1, bias=False).bn().conv(width, 3, stride, 1, 1, False)
    net.bn().conv(4 * width, 1, bias=False).pay(beside)


def stages(net: Count, unit: Unit, width: int, depths: tuple[int, ...]) -> Count:
    for stage, depth in enumerate(depths):
        for i in range(depth):
            unit(net, width << stage, 2 if stage and i == 0 else 1)
    return net


def imagenet(unit: Unit, depth: int) -> Count:
    net = Count(3, 224).conv_bn(64, 7, 2, 3).pool(3, 2, 1)
    return stages(net, unit, 64, IMAGENET[depth]).global_pool().linear(1000)


def cifar(unit: Unit, n: int, width: int = 16) -> Count:
    return stages(Count(3, 32).conv_bn(width, 3, 1, 1), unit, width, (n, n, n)).global_pool().linear(10)


def cifar_preactivation(unit: Unit, n: int, k: int = 1) -> Count:
    net = Count(3, 32).conv(16, 3, 1, 1, 1, False)
    return stages(net, unit, 16 * k, (n, n, n)).bn().global_pool().linear(10)


def imagenet_preactivation(depths: tuple[int, ...]) -> Count:
    """The stem's batch norm is the first unit's: one of 64 maps less."""
    net = Count(3, 224).conv_bn(64, 7, 2, 3).pool(3, 2, 1)
    stages(net, preactivation_bottleneck, 64, depths)
    net.params -= 2 * 64
    return net.bn().global_pool().linear(1000)


def residual() -> dict[str, Count]:
    found = {
        "resnet18": imagenet(basic(), 18),
        "resnet34": imagenet(basic(), 34),
        "resnet34_a": imagenet(basic("A"), 34),
        "resnet34_c": imagenet(basic("C"), 34),
        "plain18": imagenet(basic("A"), 18),
        "plain34": imagenet(basic("A"), 34),
        "resnet50_dropblock": imagenet(bottleneck(), 50),
        **dict.fromkeys(
            ("resnext50_32x4d", "resnext50_32x4d_form_a", "resnext50_32x4d_form_b"), imagenet(bottleneck(32, 4), 50)
        ),
        "resnext101_32x4d": imagenet(bottleneck(32, 4), 101),
        "resnext101_32x8d": imagenet(bottleneck(32, 8), 101),
        "resnext101_64x4d": imagenet(bottleneck(64, 4), 101),
        "wide_resnet50_2": imagenet(bottleneck(base=128), 50),
        "wide_resnet101_2": imagenet(bottleneck(base=128), 101),
        "resnext29_8x64d": cifar(bottleneck(8), 3, 64),
        "resnext29_16x64d": cifar(bottleneck(16), 3, 64),
        "preresnet110_cifar": cifar_preactivation(preactivation, 18),
        "preresnet164_cifar": cifar_preactivation(preactivation_bottleneck, 18),
        "preresnet1001_cifar": cifar_preactivation(preactivation_bottleneck, 111),
        "preresnet101": imagenet_preactivation(IMAGENET[101]),
        "preresnet152": imagenet_preactivation(IMAGENET[152]),
        "preresnet200": imagenet_preactivation((3, 24, 36, 3)),
        "wrn_28_10_dropout": cifar_preactivation(preactivation, 4, 10),
    }
    for depth in (50, 101, 152):
        found[f"resnet{depth}"] = imagenet(bottleneck(), depth)
        found[f"resnet{depth}_v1"] = imagenet(bottleneck(v1=True), depth)
    for depth in (20, 32, 44, 56, 110, 1202):
        n = (depth - 2) // 6
        found[f"resnet{depth}_cifar"] = cifar(basic("A"), n)
        found[f"resnet{depth}_cifar_b"] = cifar(basic("B"), n)
        found[f"plain{depth}_cifar" if depth < 100 else f"resnet{depth}_stochastic"] = cifar(basic("A"), n)
    for depth, k in ((40, 1), (40, 2), (40, 4), (40, 8), (16, 8), (16, 10), (22, 8), (28, 10), (28, 12)):
        found[f"wrn_{depth}_{k}"] = cifar_preactivation(preactivation, (depth - 4) // 6, k)
    return found


def dense_block(net: Count, n: int, growth: int, bottlenecks: bool) -> None:
    for _ in range(n):
        layer = net.lane().bn()
        if bottlenecks:
            layer.conv(4 * growth, 1, bias=False).bn()
        net.concat(net.lane(), layer.conv(growth, 3, 1, 1, 1, False))


def densenet(depths: tuple[int, ...], growth: int) -> Count:
    net = Count(3, 224).conv_bn(2 * growth, 7, 2, 3).pool(3, 2, 1)
    for i, depth in enumerate(depths):
        if i:
            net.bn().conv(net.channels // 2, 1, bias=False).pool(2, 2)
        dense_block(net, depth, growth, True)
    return net.bn().global_pool().linear(1000)


def cifar_densenet(depth: int, growth: int, bc: bool) -> Count:
    net = Count(3, 32).conv(2 * growth if bc else 16, 3, 1, 1, 1, False)
    for i in range(3):
        if i:
            net.bn().conv(net.channels // (2 if bc else 1), 1, bias=False).pool(2, 2)
        dense_block(net, (depth - 4) // (6 if bc else 3), growth, bc)
    return net.bn().global_pool().linear(10)


def dense() -> dict[str, Count]:
    return {
        "densenet121": densenet((6, 12, 24, 16), 32),
        "densenet161": densenet((6, 12, 36, 24), 48),
        "densenet169": densenet((6, 12, 32, 32), 32),
        "densenet201": densenet((6, 12, 48, 32), 32),
        "densenet40_k12": cifar_densenet(40, 12, False),
        "densenet100_k12": cifar_densenet(100, 12, False),
        "densenet100_k24": cifar_densenet(100, 24, False),
        "densenet_bc100_k12": cifar_densenet(100, 12, True),
        "densenet_bc250_k24": cifar_densenet(250, 24, True),
        "densenet_bc190_k40": cifar_densenet(190, 40, True),
    }
