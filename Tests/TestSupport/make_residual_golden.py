"""Writes PyTorch's outputs and gradients of a residual transformer network.

usage: make_residual_golden.py Golden/residual.safetensors    (needs torch, numpy, safetensors)

The network is TransformerNet of PyTorch's example fast_neural_style, with 8 base channels
instead of 32 and random weights. Parameters have the example's names. Everything is computed in
float64 and stored as float32. Inputs are whole numbers 0...255, like pixels. Upstream gradients are
multiples of 1/64 in -1...1. Both are stored as float16, which represents them exactly.

The cases are `square` (64x64), `wide` (96x80) and `batch` (three of 40x32), as width times height.
The entries of a case are `CASE.input`, `CASE.output`, `CASE.upstream`, and the gradients of the sum
of output times upstream: `CASE.grad_input` and `CASE.grad.PARAMETER`, summed over the batch. Maps
are [batch, channels, height, width]. The exact gradient of a bias before a norm is zero.
"""
import math
import sys

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import nn

CHANNELS = 8
# ReLUs read normalized values, of a size of about 1.
MARGIN = 2e-5
CASES = {"square": (1, 64, 64), "wide": (1, 80, 96), "batch": (3, 32, 40)}


class ConvLayer(nn.Module):
    def __init__(self, inputs: int, outputs: int, size: int, stride: int = 1) -> None:
        super().__init__()
        self.reflection_pad = nn.ReflectionPad2d(size // 2)
        self.conv2d = nn.Conv2d(inputs, outputs, size, stride)

    def forward(self, x):
        return self.conv2d(self.reflection_pad(x))


class ResidualBlock(nn.Module):
    def __init__(self, channels: int, relu) -> None:
        super().__init__()
        self.relu = relu
        self.conv1 = ConvLayer(channels, channels, 3)
        self.in1 = nn.InstanceNorm2d(channels, affine=True)
        self.conv2 = ConvLayer(channels, channels, 3)
        self.in2 = nn.InstanceNorm2d(channels, affine=True)

    def forward(self, x):
        y = self.relu(self.in1(self.conv1(x)))
        return self.in2(self.conv2(y)) + x


class UpsampleConvLayer(ConvLayer):
    def forward(self, x):
        return super().forward(F.interpolate(x, scale_factor=2, mode="nearest"))


class TransformerNet(nn.Module):
    def __init__(self, c: int) -> None:
        super().__init__()
        self.conv1, self.in1 = ConvLayer(3, c, 9), nn.InstanceNorm2d(c, affine=True)
        self.conv2, self.in2 = ConvLayer(c, 2 * c, 3, 2), nn.InstanceNorm2d(2 * c, affine=True)
        self.conv3, self.in3 = ConvLayer(2 * c, 4 * c, 3, 2), nn.InstanceNorm2d(4 * c, affine=True)
        for i in range(1, 6):
            setattr(self, f"res{i}", ResidualBlock(4 * c, self.relu))
        self.deconv1, self.in4 = UpsampleConvLayer(4 * c, 2 * c, 3), nn.InstanceNorm2d(2 * c, affine=True)
        self.deconv2, self.in5 = UpsampleConvLayer(2 * c, c, 3), nn.InstanceNorm2d(c, affine=True)
        self.deconv3 = ConvLayer(c, 3, 9)

    def relu(self, x):
        self.nearest_to_zero = min(self.nearest_to_zero, x.detach().abs().min().item())
        return F.relu(x)

    def forward(self, x):
        for i in range(1, 4):
            x = self.relu(getattr(self, f"in{i}")(getattr(self, f"conv{i}")(x)))
        for i in range(1, 6):
            x = getattr(self, f"res{i}")(x)
        x = self.relu(self.in4(self.deconv1(x)))
        x = self.relu(self.in5(self.deconv2(x)))
        return self.deconv3(x)


def clear_of_corners(network: TransformerNet, shape: tuple[int, ...]):
    """A random input and its output, for which no ReLU reads a value near zero.

    In single precision such a value may get the other sign, and the gradients of all that
    it depends on change.
    """
    while True:
        network.nearest_to_zero = math.inf
        x = torch.randint(0, 256, shape).double().requires_grad_(True)
        output = network(x)
        if network.nearest_to_zero > MARGIN:
            return x, output


def main() -> None:
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(29)
    network = TransformerNet(CHANNELS)
    entries = {}
    for name, parameter in network.named_parameters():
        # Norms start with scale 1 and shift 0, which would hide mistakes.
        with torch.no_grad():
            if ".conv2d." not in name:
                parameter.add_(0.3 * torch.randn_like(parameter))
            parameter.copy_(parameter.float())
        entries[name] = parameter.detach()
    for case, (batch, height, width) in CASES.items():
        x, output = clear_of_corners(network, (batch, 3, height, width))
        upstream = torch.randint(-64, 65, output.shape).double() / 64
        leaves = [x, *network.parameters()]
        gradients = torch.autograd.grad((output * upstream).sum(), leaves)
        entries[f"{case}.input"], entries[f"{case}.upstream"] = x.detach().half(), upstream.half()
        entries[f"{case}.output"], entries[f"{case}.grad_input"] = output.detach(), gradients[0]
        for (name, _), gradient in zip(network.named_parameters(), gradients[1:]):
            entries[f"{case}.grad.{name}"] = gradient
    for name, value in entries.items():
        entries[name] = (value if value.dtype == torch.float16 else value.float()).contiguous()
    save_file(entries, sys.argv[1])


if __name__ == "__main__":
    main()
