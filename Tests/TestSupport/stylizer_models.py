"""The networks of PyTorch's example fast_neural_style, by its layers and names."""

import torch
import torch.nn.functional as functional
from torch import nn


class ConvLayer(nn.Module):
    def __init__(self, inputs, outputs, size, stride=1, bias=True):
        super().__init__()
        self.pad = nn.ReflectionPad2d(size // 2)
        self.conv2d = nn.Conv2d(inputs, outputs, size, stride, bias=bias)

    def forward(self, x):
        return self.conv2d(self.pad(x))


class UpsampleConvLayer(ConvLayer):
    def forward(self, x):
        return super().forward(functional.interpolate(x, mode="nearest", scale_factor=2))


class Block(nn.Module):
    def __init__(self, channels, tracks):
        super().__init__()
        self.conv1 = ConvLayer(channels, channels, 3)
        self.in1 = nn.InstanceNorm2d(channels, affine=True, track_running_stats=tracks)
        self.conv2 = ConvLayer(channels, channels, 3)
        self.in2 = nn.InstanceNorm2d(channels, affine=True, track_running_stats=tracks)

    def forward(self, x):
        y = torch.relu(self.in1(self.conv1(x)))
        return self.in2(self.conv2(y)) + x


class Johnson(nn.Module):
    def __init__(self, base, blocks, tracks=False):
        super().__init__()

        def norm(channels):
            return nn.InstanceNorm2d(channels, affine=True, track_running_stats=tracks)

        self.conv1, self.in1 = ConvLayer(3, base, 9), norm(base)
        self.conv2, self.in2 = ConvLayer(base, 2 * base, 3, 2), norm(2 * base)
        self.conv3, self.in3 = ConvLayer(2 * base, 4 * base, 3, 2), norm(4 * base)
        self.blocks = blocks
        for index in range(1, blocks + 1):
            setattr(self, f"res{index}", Block(4 * base, tracks))
        self.deconv1, self.in4 = UpsampleConvLayer(4 * base, 2 * base, 3), norm(2 * base)
        self.deconv2, self.in5 = UpsampleConvLayer(2 * base, base, 3), norm(base)
        self.deconv3 = ConvLayer(base, 3, 9)
        randomize(self)

    def forward(self, x):
        for index in (1, 2, 3):
            x = torch.relu(getattr(self, f"in{index}")(getattr(self, f"conv{index}")(x)))
        for index in range(1, self.blocks + 1):
            x = getattr(self, f"res{index}")(x)
        x = torch.relu(self.in4(self.deconv1(x)))
        x = torch.relu(self.in5(self.deconv2(x)))
        return self.deconv3(x)


def randomize(module):
    for name, parameter in module.named_parameters():
        if parameter.dim() == 1:
            with torch.no_grad():
                parameter.uniform_(-0.5, 1.5)
