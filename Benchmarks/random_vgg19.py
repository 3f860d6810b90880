"""Writes random weights with the shapes of VGG-19 to a file.

usage: random_vgg19.py FILE.safetensors        (needs torch and safetensors)
"""
import sys

import torch
from safetensors.torch import save_file

torch.manual_seed(0)
tensors, inputs = {}, 3
for block, (count, channels) in enumerate(zip([2, 2, 4, 4, 4], [64, 128, 256, 512, 512]), 1):
    for number in range(1, count + 1):
        # He initialization keeps the size of the activations constant across layers.
        weights = torch.randn(channels, inputs, 3, 3) * (2 / (9 * inputs)) ** 0.5
        tensors[f"conv{block}_{number}.weight"] = weights
        tensors[f"conv{block}_{number}.bias"] = torch.zeros(channels)
        inputs = channels
metadata = {"impasto.channels": "RGB", "impasto.preprocessing": "caffe"}
save_file(tensors, sys.argv[1], metadata)
