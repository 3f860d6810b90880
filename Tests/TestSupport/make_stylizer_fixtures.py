"""Writes the files of small random style networks, and what PyTorch or onnxruntime computes with them.

usage: make_stylizer_fixtures.py Stylizers

Needs torch, onnx, onnxruntime, numpy and safetensors. Every family has random weights, few channels
and one or two residual blocks. `expected.safetensors` holds `NAME.input` and `NAME.output`, in the
layout [height, width, 3].
"""

import json
import os
import sys

import numpy
import onnx
import onnxruntime
import torch
import torch.nn.functional as functional
from onnx import helper, numpy_helper
from safetensors.numpy import save_file
from stylizer_models import ConvLayer, Johnson
from torch import nn

folder = sys.argv[1]
expected = {}


def path(name):
    return os.path.join(folder, name)


def keep(name, picture, result):
    def layout(values):
        return numpy.ascontiguousarray(numpy.asarray(values)[0].transpose(1, 2, 0))

    expected[f"{name}.input"] = layout(picture).astype(numpy.float32)
    expected[f"{name}.output"] = layout(result).astype(numpy.float32)


class StyleNorm(nn.Module):
    """A norm whose scale and shift are a blend of rows, or a product of a style vector."""

    def __init__(self, channels, rows=None, length=None):
        super().__init__()
        self.rows = rows
        if rows:
            self.gamma = nn.Parameter(torch.rand(rows, channels) + 0.5)
            self.beta = nn.Parameter(torch.rand(rows, channels) - 0.5)
        else:
            self.scale, self.shift = nn.Conv2d(length, channels, 1), nn.Conv2d(length, channels, 1)

    def forward(self, x, style):
        if self.rows:
            scale = (style.unsqueeze(1) * self.gamma).sum(0).view(1, -1, 1, 1)
            shift = (style.unsqueeze(1) * self.beta).sum(0).view(1, -1, 1, 1)
        else:
            scale, shift = self.scale(style), self.shift(style)
        mean = x.mean((2, 3), keepdim=True)
        if self.rows:
            variance = ((x - mean) ** 2).mean((2, 3), keepdim=True)
            return (x - mean) * (1 / torch.sqrt(variance + 1e-5)) * scale + shift
        difference = x - mean
        variance = (difference * difference).mean((2, 3), keepdim=True)
        factor = torch.rsqrt(variance + 1e-5) * scale
        return x * factor + (shift - mean * factor)


class Conditional(nn.Module):
    def __init__(self, rows=None, length=None):
        super().__init__()
        self.isPredicted = rows is None

        def norm(channels):
            return StyleNorm(channels, rows, length)

        def conv(inputs, outputs, size, stride=1):
            return ConvLayer(inputs, outputs, size, stride, bias=self.isPredicted)

        self.down = nn.ModuleList([conv(3, 4, 9), conv(4, 6, 3, 2), conv(6, 8, 3, 2)])
        self.downNorms = nn.ModuleList([norm(4), norm(6), norm(8)])
        self.inner = nn.ModuleList([conv(8, 8, 3), conv(8, 8, 3)])
        self.innerNorms = nn.ModuleList([norm(8), norm(8)])
        self.up = nn.ModuleList([conv(8, 5, 3), conv(5, 4, 3), conv(4, 3, 9)])
        self.upNorms = nn.ModuleList([norm(5), norm(4), norm(3)])

    def forward(self, x, style):
        for layer, norm in zip(self.down, self.downNorms):
            x = layer(x)
            x = torch.relu(x if self.isPredicted else norm(x, style))
        y = torch.relu(self.innerNorms[0](self.inner[0](x), style))
        x = x + self.innerNorms[1](self.inner[1](y), style)
        for index in range(3):
            if index < 2:
                x = functional.interpolate(x, mode="nearest", scale_factor=2)
            x = self.upNorms[index](self.up[index](x), style)
            x = torch.relu(x) if index < 2 else torch.sigmoid(x)
        return x


def depthwise_same(convolution, x):
    """A convolution with TensorFlow's "SAME" padding for even sizes."""
    before = 0 if convolution.stride[0] == 2 else 1
    return convolution(functional.pad(x, (before, 1, before, 1)))


class Predictor(nn.Module):
    def __init__(self, length):
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3, 2)
        self.depthwise0, self.project0 = nn.Conv2d(4, 4, 3, groups=4), nn.Conv2d(4, 4, 1)
        self.expand1, self.depthwise1 = nn.Conv2d(4, 8, 1), nn.Conv2d(8, 8, 3, 2, groups=8)
        self.project1, self.expand2 = nn.Conv2d(8, 6, 1), nn.Conv2d(6, 12, 1)
        self.depthwise2, self.project2 = nn.Conv2d(12, 12, 3, groups=12), nn.Conv2d(12, 6, 1)
        self.top, self.vector = nn.Conv2d(6, 10, 1), nn.Conv2d(10, length, 1)

    def forward(self, x):
        def relu6(x):
            return torch.clamp(x, 0, 6)

        x = relu6(depthwise_same(self.stem, x))
        y = relu6(depthwise_same(self.depthwise0, x))
        x = self.project0(y) + x
        y = relu6(depthwise_same(self.depthwise1, relu6(self.expand1(x))))
        x = self.project1(y)
        y = relu6(depthwise_same(self.depthwise2, relu6(self.expand2(x))))
        x = relu6(self.top(self.project2(y) + x))
        return self.vector(x.mean((2, 3), keepdim=True))


def export(model, inputs, name, opset, dynamic=False):
    axes = {"picture": {2: "h", 3: "w"}} if dynamic else None
    torch.onnx.export(
        model, inputs, path(name), opset_version=opset, dynamo=False, dynamic_axes=axes,
        input_names=["picture", "style"][: len(inputs)], output_names=["result"])


def quantize(name):
    """Stores weights in 8 bits per channel, and marks maps as quantized.

    What onnxruntime computes without the marks is what the file stands for.
    """
    model = onnx.load(path(name))
    graph = model.graph
    values = {tensor.name: tensor for tensor in graph.initializer}
    nodes = []
    for node in graph.node:
        if node.op_type == "Conv" and len(node.input) > 1:
            tensor = values[node.input[1]]
            weights = numpy_helper.to_array(tensor)
            if tensor.name + "_q" not in values:
                scale = numpy.abs(weights).max(axis=(1, 2, 3)) / 127
                rounded = numpy.round(weights / scale[:, None, None, None]).astype(numpy.int8)
                parts = {"_q": rounded, "_s": scale, "_z": numpy.zeros(len(scale), numpy.int8)}
                for end, array in parts.items():
                    values[tensor.name + end] = numpy_helper.from_array(array, tensor.name + end)
                    graph.initializer.append(values[tensor.name + end])
                nodes.append(helper.make_node(
                    "DequantizeLinear", [tensor.name + end for end in parts],
                    [tensor.name + "_f"], axis=0))
            node.input[1] = tensor.name + "_f"
        nodes.append(node)
    del graph.node[:]
    graph.node.extend(nodes)
    for tensor in [tensor for tensor in graph.initializer if tensor.name + "_q" in values]:
        graph.initializer.remove(tensor)
    exact = model.SerializeToString()
    # The marks, which change what onnxruntime computes.
    graph.initializer.append(numpy_helper.from_array(numpy.float32(0.05), "map_scale"))
    graph.initializer.append(numpy_helper.from_array(numpy.int8(-3), "map_zero"))
    marked = []
    for node in graph.node:
        marked.append(node)
        if node.op_type == "Relu":
            output = node.output[0]
            node.output[0] = output + "_before"
            marks = ["map_scale", "map_zero"]
            marked.append(helper.make_node(
                "QuantizeLinear", [output + "_before"] + marks, [output + "_int8"]))
            marked.append(helper.make_node(
                "DequantizeLinear", [output + "_int8"] + marks, [output]))
    del graph.node[:]
    graph.node.extend(marked)
    onnx.save(model, path(name))
    return onnxruntime.InferenceSession(exact)


def johnson():
    torch.manual_seed(1)
    model = Johnson(4, blocks=2, tracks=True)
    model.train()
    model(torch.rand(2, 3, 32, 32))
    state = model.state_dict()
    plain = Johnson(4, blocks=2)
    plain.load_state_dict(state, strict=False)
    plain.eval()
    for name, size in (("johnson", (21, 35)), ("johnson-even", (32, 24))):
        picture = 255 * torch.rand(1, 3, *size)
        keep(name, picture, plain(picture).detach())
    torch.save(state, path("johnson.pth"))
    torch.save({"epoch": 1, "state_dict": {f"module.{key}": value for key, value in state.items()}},
               path("johnson-stream.pth"), _use_new_zipfile_serialization=False)
    sample = (torch.rand(1, 3, 32, 24),)
    for opset in (9, 11, 13, 18):
        export(plain, sample, f"johnson-{opset}.onnx", opset)
    export(plain, sample, "johnson-dynamic.onnx", 16, dynamic=True)


def conditional():
    torch.manual_seed(2)
    model = Conditional(rows=5).eval()
    picture, style = torch.rand(1, 3, 23, 34), torch.tensor([0, 0.25, 0, 0.75, 0])
    keep("rows", picture, model(picture, style).detach())
    export(model, (torch.rand(1, 3, 32, 24), style), "rows.onnx", 17, dynamic=True)


def arbitrary():
    torch.manual_seed(3)
    model, predictor = Conditional(length=7).eval(), Predictor(7).eval()
    # Half precision keeps the file small.
    painting = torch.rand(1, 3, 256, 256).half().float()
    export(model, (torch.rand(1, 3, 40, 32), torch.rand(1, 7, 1, 1)), "arbitrary.onnx", 15,
           dynamic=True)
    export(predictor, (painting,), "predictor.onnx", 15)
    vector = quantize("predictor.onnx").run(None, {"picture": painting.numpy()})[0]
    picture = torch.rand(1, 3, 26, 39)
    result = quantize("arbitrary.onnx").run(
        None, {"picture": picture.numpy(), "style": vector})[0]
    keep("arbitrary", picture, result)
    expected["arbitrary.vector"] = vector.reshape(-1)
    expected["arbitrary.painting"] = numpy.ascontiguousarray(
        painting.numpy()[0].transpose(1, 2, 0)).astype(numpy.float16)


def same(x, size, stride):
    """TensorFlow's "SAME" padding, zeros."""
    sums = [max(0, (-(-length // stride) - 1) * stride + size - length) for length in x.shape[2:]]
    (top, left) = [total // 2 for total in sums]
    return functional.pad(x, (left, sums[1] - left, top, sums[0] - top))


def variables():
    torch.manual_seed(4)
    base, arrays = 4, []

    def parameters(shape):
        arrays.append(torch.randn(shape) * 0.2)
        channels = shape[2] if len(arrays) // 3 in (5, 6) else shape[3]
        arrays.append(torch.rand(channels) - 0.5)
        arrays.append(torch.rand(channels) + 0.5)
        return arrays[-3:]

    def norm(x, shift, scale):
        variance, mean = torch.var_mean(x, (2, 3), unbiased=False, keepdim=True)
        normalized = (x - mean) / torch.sqrt(variance + 1e-3)
        return normalized * scale.view(1, -1, 1, 1) + shift.view(1, -1, 1, 1)

    def conv(x, inputs, outputs, size, stride=1):
        kernel, shift, scale = parameters((size, size, inputs, outputs))
        x = functional.conv2d(same(x, size, stride), kernel.permute(3, 2, 0, 1), stride=stride)
        return norm(x, shift, scale)

    def transposed(x, inputs, outputs):
        kernel, shift, scale = parameters((3, 3, outputs, inputs))
        y = functional.conv_transpose2d(x, kernel.permute(3, 2, 0, 1), stride=2)
        return norm(y[:, :, : 2 * x.shape[2], : 2 * x.shape[3]], shift, scale)

    picture = 255 * torch.rand(1, 3, 22, 33)
    x = torch.relu(conv(picture, 3, base, 9))
    x = torch.relu(conv(x, base, 2 * base, 3, 2))
    x = torch.relu(conv(x, 2 * base, 4 * base, 3, 2))
    y = torch.relu(conv(x, 4 * base, 4 * base, 3))
    x = x + conv(y, 4 * base, 4 * base, 3)
    x = torch.relu(transposed(x, 4 * base, 2 * base))
    x = torch.relu(transposed(x, 2 * base, base))
    x = conv(x, base, 3, 9)
    keep("variables", picture, 150 * torch.tanh(x) + 127.5)
    manifest = {}
    for index, array in enumerate(arrays):
        name = f"Variable_{index}" if index else "Variable"
        manifest[name] = {"filename": name, "shape": list(array.shape)}
        array.numpy().astype("<f4").tofile(path(f"variables/{name}"))
    # A manifest also lists variables that are not in the folder.
    manifest["Variable/Adam"] = {"filename": "Variable_Adam", "shape": [1]}
    with open(path("variables/manifest.json"), "w") as file:
        json.dump(manifest, file, indent=1)


os.makedirs(path("variables"), exist_ok=True)
with torch.no_grad():
    johnson()
    conditional()
    arbitrary()
    variables()
save_file(expected, path("expected.safetensors"))
