"""Writes PyTorch's outputs and gradients of every operation of the engine.

usage: make_operation_golden.py Golden/operations.safetensors    (needs torch, numpy, safetensors)

Everything is computed in float64 and stored as float32. Inputs, parameters and upstream gradients
are float32 numbers, so only the results are rounded. The entries of a case are `CASE.input`,
`CASE.input1` and `CASE.input2` if an operation has more inputs, `CASE.NAME` for each parameter,
`CASE.output`, `CASE.upstream`, and `CASE.grad_X` for each input and parameter X. The latter is the
gradient of the sum of output times upstream. Maps are [1, channels, height, width].
"""
import sys

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

torch.set_default_dtype(torch.float64)
torch.manual_seed(23)
entries: dict[str, torch.Tensor] = {}


def random(*shape: int) -> torch.Tensor:
    return torch.randn(*shape).float().double()


def case(name: str, function, **leaves: torch.Tensor) -> None:
    """Records a function of named tensors."""
    for leaf in leaves.values():
        leaf.requires_grad_(True)
    output = function(**leaves)
    upstream = random(*output.shape)
    gradients = torch.autograd.grad((output * upstream).sum(), list(leaves.values()))
    for (key, leaf), gradient in zip(leaves.items(), gradients):
        entries[f"{name}.{key}"] = leaf.detach()
        entries[f"{name}.grad_{key}"] = gradient
    entries[f"{name}.output"] = output.detach()
    entries[f"{name}.upstream"] = upstream


def convolution(name: str, inputs: int, outputs: int, size: int, stride: int, mode: str,
                edges: tuple[int, int, int, int], height: int, width: int, groups: int = 1) -> None:
    """`edges` are top, left, bottom, right."""
    top, left, bottom, right = edges

    def function(input, weight, bias):
        mode_name = {"zero": "constant"}.get(mode, mode)
        padded = F.pad(input, (left, right, top, bottom), mode=mode_name)
        return F.conv2d(padded, weight, bias, stride=stride, groups=groups)

    case(name, function, input=random(1, inputs, height, width),
         weight=random(outputs, inputs // groups, size, size), bias=random(outputs))


def convolutions() -> None:
    convolution("conv_zero", 3, 5, 3, 1, "zero", (1, 1, 1, 1), 7, 6)
    convolution("conv_reflect_9", 3, 4, 9, 1, "reflect", (4, 4, 4, 4), 9, 8)
    convolution("conv_reflect_stride", 4, 6, 3, 2, "reflect", (1, 1, 1, 1), 9, 8)
    convolution("conv_replicate_edges", 5, 3, 5, 2, "replicate", (0, 3, 2, 1), 8, 9)
    convolution("conv_same_stride", 3, 4, 3, 2, "zero", (0, 0, 1, 1), 8, 6)
    convolution("conv_1", 6, 5, 1, 1, "zero", (0, 0, 0, 0), 5, 4)
    convolution("depthwise", 6, 6, 3, 1, "zero", (1, 1, 1, 1), 6, 7, groups=6)
    convolution("depthwise_stride", 5, 5, 3, 2, "reflect", (0, 1, 1, 0), 8, 7, groups=5)
    case("transposed",
         lambda input, weight, bias: F.conv_transpose2d(
             input, weight, bias, stride=2, padding=1, output_padding=1),
         input=random(1, 5, 4, 6), weight=random(5, 3, 3, 3), bias=random(3))
    case("transposed_5",
         lambda input, weight, bias: F.conv_transpose2d(
             input, weight, bias, stride=2, padding=2, output_padding=1),
         input=random(1, 2, 5, 4), weight=random(2, 4, 5, 5), bias=random(4))
    # TensorFlow's "SAME" crops the other edges: contributions outside the output are dropped.
    case("transposed_tensorflow",
         lambda input, weight, bias: F.conv_transpose2d(
             input, weight, bias, stride=2)[:, :, :8, :12],
         input=random(1, 5, 4, 6), weight=random(5, 3, 3, 3), bias=random(3))


def norms() -> None:
    epsilon = 1e-3
    case("norm", lambda input: F.instance_norm(input, eps=epsilon), input=random(1, 4, 7, 5))
    case("norm_affine",
         lambda input, scale, shift: F.instance_norm(
             input, weight=scale, bias=shift, eps=epsilon),
         input=3 + 2 * random(1, 5, 6, 7), scale=random(5), shift=random(5))
    weights = torch.tensor([0.5, 0.0, 0.25])

    def blend(input, scale, shift):
        return F.instance_norm(input, weight=weights @ scale, bias=weights @ shift, eps=epsilon)

    def row(input, scale, shift):
        return F.instance_norm(input, weight=scale[2], bias=shift[2], eps=epsilon)

    for name, function in (("norm_blend", blend), ("norm_row", row)):
        case(name, function, input=random(1, 4, 5, 6), scale=random(3, 4), shift=random(3, 4))
    case("norm_inputs",
         lambda input, input1, input2: F.instance_norm(
             input, weight=input1.flatten(), bias=input2.flatten(), eps=epsilon),
         input=random(1, 6, 5, 4), input1=random(1, 6, 1, 1), input2=random(1, 6, 1, 1))


def others() -> None:
    scale, offset = torch.tensor([2.0, 0.5, -3.0]), torch.tensor([1.0, -2.0, 0.25])
    case("affine", lambda input: input * scale[:, None, None] - offset[:, None, None],
         input=random(1, 3, 5, 4))
    case("relu", F.relu, input=random(1, 3, 5, 4))
    case("sigmoid", torch.sigmoid, input=random(1, 3, 5, 4))
    case("tanh", torch.tanh, input=random(1, 3, 5, 4))
    clipped = random(1, 3, 5, 4)
    clipped[0, 0, 0, 0], clipped[0, 0, 0, 1] = -0.5, 0.75
    case("clip", lambda input: torch.clamp(input, -0.5, 0.75), input=clipped)
    for ceil in (False, True):
        suffix = "_up" if ceil else ""
        case(f"average{suffix}", lambda input: F.avg_pool2d(input, 2, ceil_mode=ceil),
             input=random(1, 3, 7, 5))
        case(f"max{suffix}", lambda input: F.max_pool2d(input, 2, ceil_mode=ceil),
             input=random(1, 3, 7, 5))
    # Ties: the gradient goes to the first maximum of a window.
    case("max_ties", lambda input: F.max_pool2d(input, 2), input=torch.ones(1, 2, 4, 4))
    case("global_average", lambda input: F.adaptive_avg_pool2d(input, 1), input=random(1, 5, 4, 6))
    case("global_max", lambda input: F.adaptive_max_pool2d(input, 1), input=random(1, 5, 4, 6))
    case("upsampling", lambda input: F.interpolate(input, scale_factor=2, mode="nearest"),
         input=random(1, 3, 5, 4))
    case("add", lambda input, input1: input + input1,
         input=random(1, 3, 5, 4), input1=random(1, 3, 5, 4))
    case("multiply", lambda input, input1: input * input1,
         input=random(1, 3, 5, 4), input1=random(1, 3, 5, 4))
    case("multiply_channels", lambda input, input1: input * input1,
         input=random(1, 3, 5, 4), input1=random(1, 3, 1, 1))
    case("slice", lambda input: input[:, 2:5], input=random(1, 7, 3, 4))


def main() -> None:
    convolutions()
    norms()
    others()
    save_file({name: value.float().contiguous() for name, value in entries.items()}, sys.argv[1])


if __name__ == "__main__":
    main()
