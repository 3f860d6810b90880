"""Writes one VGG-19 with random weights in every format in common use.

usage: make_vgg_files.py FOLDER [--full]
    (needs torch, torchvision, safetensors, h5py, keras 3, scipy, onnx, protobuf, numpy)

The usual libraries write the files. Where the original writer no longer exists, this script writes
the layout of the old Caffe, Keras, MatConvNet and numpy. All files hold one network or a part of
it, so a reader must find the weights of reference.safetensors in each. FILES at the end states the
part, and whether the file expects pictures in RGB or in BGR.
Without --full the network is a narrow VGG-19, the files are small, and each is read back and
compared with its expected contents. --full writes full-size files, about 550 MB each and 12 GB in
total, and takes 3.3 GB of memory. It omits files that are only useful when small.

features.safetensors has the values that the networks compute for a picture, in float64: `picture`,
and relu1_1 to relu5_1 and a gradient for each preprocessing.

Numbers are the same in each run. Bytes are not: MAT files contain the date, PyTorch's legacy format
contains memory addresses, and safetensors has metadata in any order.
"""
import argparse
import gc
import io
import math
import os
import pickle
from collections import OrderedDict
from functools import partial
from itertools import dropwhile
from pathlib import Path
from types import SimpleNamespace
from typing import Callable, Iterator, NamedTuple

os.environ["KERAS_BACKEND"] = "torch"

import h5py
import keras
import numpy as np
import onnx
import safetensors.torch
import scipy.io
import torch
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from torch import library, nn

try:
    from torchvision.models import vgg
except RuntimeError:
    # PyPI's torchvision is built for CUDA. With a PyTorch without CUDA its operators do not load,
    # and the import fails where torchvision extends these two, which VGG does not use.
    for operator in ("nms", "qnms"):
        signature = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
        library.define(f"torchvision::{operator}", signature)
    from torchvision.models import vgg

SEED = 19
BLOCKS = (2, 2, 4, 4, 4)
CAFFE_MEAN = (123.68, 116.779, 103.939)
TORCHVISION_MEAN = (0.485, 0.456, 0.406)
TORCHVISION_DEVIATION = (0.229, 0.224, 0.225)


class Layer(NamedTuple):
    """Weights, OIHW or [out, in] for a fully connected layer, and biases."""

    weight: np.ndarray
    bias: np.ndarray


# Layers by their Caffe names, conv1_1 to conv5_4 and fc6 to fc8, in order.
Network = dict[str, Layer]


class Sizes(NamedTuple):
    widths: tuple[int, ...]
    hidden: int
    classes: int


SMALL = Sizes((8, 8, 16, 16, 16), hidden=8, classes=10)
FULL = Sizes((64, 128, 256, 512, 512), hidden=4096, classes=1000)


def random_network(sizes: Sizes) -> Network:
    torch.manual_seed(SEED)
    network, inputs = {}, 3
    for block, (count, width) in enumerate(zip(BLOCKS, sizes.widths), 1):
        for i in range(1, count + 1):
            network[f"conv{block}_{i}"] = random_layer(width, inputs, 3, 3)
            inputs = width
    inputs *= 7 * 7
    for name, width in (("fc6", sizes.hidden), ("fc7", sizes.hidden), ("fc8", sizes.classes)):
        network[name] = random_layer(width, inputs)
        inputs = width
    return network


def random_layer(*shape: int) -> Layer:
    weight = torch.randn(shape).mul_(math.sqrt(2 / math.prod(shape[1:])))
    return Layer(weight.numpy(), torch.randn(shape[0]).mul_(0.1).numpy())


def whole(network: Network) -> Network:
    return network


def convolutions(network: Network) -> Network:
    return {name: layer for name, layer in network.items() if name.startswith("conv")}


def vgg16(network: Network) -> Network:
    left_out = ("conv3_4", "conv4_4", "conv5_4")
    return {name: layer for name, layer in convolutions(network).items() if name not in left_out}


def half_precision(network: Network) -> Network:
    return converted(network, np.float16)


def double_precision(network: Network) -> Network:
    return converted(convolutions(network), np.float64)


def converted(network: Network, dtype: type) -> Network:
    return {name: Layer(*(array.astype(dtype) for array in network[name])) for name in network}


def reversed_channels(network: Network) -> Network:
    """Returns the same network for pictures with reversed channels."""
    weight, bias = network["conv1_1"]
    return {**network, "conv1_1": Layer(np.ascontiguousarray(weight[:, ::-1]), bias)}


def is_full(network: Network) -> bool:
    return len(network["conv1_1"].bias) == FULL.widths[0]


def sequence(network: Network) -> Iterator[tuple[str, str]]:
    """Yields the kind and Caffe name of every layer of a VGG-19, in order."""
    for name in network:
        if name.startswith("fc"):
            yield "dense", name
            yield ("softmax", "prob") if name == "fc8" else ("relu", name.replace("fc", "relu"))
            continue
        yield "conv", name
        yield "relu", name.replace("conv", "relu")
        block, i = map(int, name.removeprefix("conv").split("_"))
        if i == BLOCKS[block - 1]:
            yield "pool", f"pool{block}"


def sequential_names(layers: list[str], first: int, step: int) -> dict[str, str]:
    """Returns the indices of the convolutions in a Sequential that has `step` modules for each
    convolution and one for each pooling layer."""
    return {
        name: str(first + step * i + int(name[4]) - 1)
        for i, name in enumerate(layers)
        if name.startswith("conv")
    }


def own_names(layers: list[str]) -> dict[str, str]:
    return {name: name for name in layers}


def torchvision_names(layers: list[str], step: int = 2) -> dict[str, str]:
    features = sequential_names(layers, first=0, step=step)
    classifier = {"fc6": "classifier.0", "fc7": "classifier.3", "fc8": "classifier.6"}
    return {n: classifier[n] if n in classifier else f"features.{features[n]}" for n in layers}


def data_parallel_names(layers: list[str]) -> dict[str, str]:
    return {layer: f"module.{name}" for layer, name in torchvision_names(layers).items()}


def adain_names(layers: list[str]) -> dict[str, str]:
    return sequential_names(layers, first=2, step=3)


def state_dict(network: Network, naming: Callable) -> OrderedDict[str, torch.Tensor]:
    state = OrderedDict()
    for layer, name in naming(list(network)).items():
        state[f"{name}.weight"] = torch.from_numpy(network[layer].weight)
        state[f"{name}.bias"] = torch.from_numpy(network[layer].bias)
    return state


def network_of(state: dict[str, torch.Tensor], names: dict[str, str]) -> Network:
    return {
        layer: Layer(state[f"{name}.weight"].numpy(), state[f"{name}.bias"].numpy())
        for layer, name in names.items()
    }


def torchvision_model(network: Network) -> nn.Module:
    with torch.device("meta"):
        model = vgg.vgg19(weights=None)
    if not is_full(network):
        narrow(model, network, batch_norm=False)
    model.load_state_dict(state_dict(network, torchvision_names), assign=True)
    return model


def torchvision_batch_norm_model(network: Network) -> nn.Module:
    with torch.device("meta"):
        model = vgg.vgg19_bn(weights=None)
    narrow(model, network, batch_norm=True)
    weights = state_dict(network, partial(torchvision_names, step=3))
    model.load_state_dict(weights, strict=False, assign=True)
    return model


def narrow(model: nn.Module, network: Network, batch_norm: bool) -> None:
    """Sets the widths of a torchvision model to those of a network."""
    layers = [(kind, name) for kind, name in sequence(network) if kind in ("conv", "pool")]
    widths = ["M" if kind == "pool" else len(network[name].bias) for kind, name in layers]
    model.features = vgg.make_layers(widths, batch_norm)
    for index, name in ((0, "fc6"), (3, "fc7"), (6, "fc8")):
        outputs, inputs = network[name].weight.shape
        model.classifier[index] = nn.Linear(inputs, outputs)


def write_reference(path: Path, network: Network) -> None:
    metadata = {"impasto.preprocessing": "caffe", "impasto.channels": "RGB"}
    safetensors.torch.save_file(state_dict(network, own_names), path, metadata)


def write_safetensors(path: Path, network: Network) -> None:
    safetensors.torch.save_file(state_dict(network, torchvision_names), path)


def read_safetensors(path: Path, layers: list[str], naming: Callable) -> Network:
    return network_of(safetensors.torch.load_file(path), naming(layers))


def write_torchvision(path: Path, network: Network, new_format: bool) -> None:
    state = torchvision_model(network).state_dict()
    torch.save(state, path, _use_new_zipfile_serialization=new_format)


def write_batch_norm(path: Path, network: Network) -> None:
    torch.save(torchvision_batch_norm_model(network).state_dict(), path)


def write_checkpoint(path: Path, network: Network) -> None:
    weights = state_dict(network, data_parallel_names)
    torch.save({"state_dict": weights, "epoch": 3, "best": 0.5, "args": None}, path)


class Pickler2017(pickle.Pickler):
    """Pickles tensors like PyTorch 0.1: with a function of four arguments, not of six."""

    def reducer_override(self, value):
        if not isinstance(value, torch.Tensor):
            return NotImplemented
        layout = (value.storage_offset(), tuple(value.shape), value.stride())
        return torch._utils._rebuild_tensor, (value._typed_storage(), *layout)


def write_torch_2017(path: Path, network: Network, naming: Callable) -> None:
    pickling = SimpleNamespace(__name__="pickle", Pickler=Pickler2017, dump=pickle.dump)
    weights = state_dict(network, naming)
    torch.save(weights, path, pickling, _use_new_zipfile_serialization=False)


def read_torch(path: Path, layers: list[str], naming: Callable) -> Network:
    state = torch.load(path)
    return network_of(state.get("state_dict", state), naming(layers))


def bgr_of_255() -> Layer:
    """Returns AdaIN's first layer: from RGB in 0...1 to BGR in 0...255 minus the mean."""
    weight = np.fliplr(np.eye(3) * 255).reshape(3, 3, 1, 1)
    return Layer(weight.astype(np.float32), -np.array(CAFFE_MEAN[::-1], np.float32))


def mixture() -> Layer:
    """Returns a first layer that no channel order and mean can replace."""
    random = torch.Generator().manual_seed(SEED + 1)
    weight = torch.randn((3, 3, 1, 1), generator=random) * 100
    return Layer(weight.numpy(), (torch.randn(3, generator=random) * 100).numpy())


def adain_encoder(network: Network, first: Layer) -> nn.Sequential:
    """Returns the encoder of the PyTorch port of AdaIN, up to relu5_4."""
    modules = [nn.Conv2d(3, 3, (1, 1))]
    for kind, name in sequence(convolutions(network)):
        if kind == "conv":
            outputs, inputs = network[name].weight.shape[:2]
            modules += [nn.ReflectionPad2d((1, 1, 1, 1)), nn.Conv2d(inputs, outputs, (3, 3))]
        elif kind == "relu":
            modules.append(nn.ReLU())
        else:
            modules.append(nn.MaxPool2d((2, 2), (2, 2), (0, 0), ceil_mode=True))
    encoder = nn.Sequential(*modules[:-1])
    weights = state_dict({"first": first}, lambda _: {"first": "0"})
    encoder.load_state_dict({**weights, **state_dict(convolutions(network), adain_names)})
    return encoder


def write_adain(path: Path, network: Network, first: Layer) -> None:
    torch.save(adain_encoder(network, first).state_dict(), path)


def read_adain(path: Path, layers: list[str], first: Layer) -> Network:
    state = torch.load(path)
    compare(path, network_of(state, {"first": "0"}), {"first": first})
    return network_of(state, adain_names(layers))


def to_tensorflow(name: str, weight: np.ndarray) -> np.ndarray:
    """Converts to HWIO or [in, out]. Inputs of fc6 are in pixel order, not in channel order."""
    if name == "fc6":
        maps = weight.reshape(len(weight), -1, 7, 7)
        return maps.transpose(2, 3, 1, 0).reshape(-1, len(weight))
    return weight.T if name.startswith("fc") else weight.transpose(2, 3, 1, 0)


def from_tensorflow(name: str, weight: np.ndarray) -> np.ndarray:
    if name == "fc6":
        maps = weight.reshape(7, 7, -1, weight.shape[1])
        return maps.transpose(3, 2, 0, 1).reshape(weight.shape[1], -1)
    return weight.T if name.startswith("fc") else weight.transpose(3, 2, 0, 1)


def keras_name(name: str) -> str:
    fixed = {"fc6": "fc1", "fc7": "fc2", "fc8": "predictions"}
    if name in fixed:
        return fixed[name]
    if name.startswith("pool"):
        return name.replace("pool", "block") + "_pool"
    return name.replace("conv", "block").replace("_", "_conv")


def theano_parameters(network: Network) -> Iterator[list[np.ndarray]]:
    """Yields the parameters of each layer of a Sequential in which a padding layer precedes each
    convolution, and convolutions include the ReLU."""
    for kind, name in sequence(network):
        if kind == "conv":
            weight, bias = network[name]
            # Theano convolves; the other libraries correlate.
            yield from ([], [weight[:, :, ::-1, ::-1], bias])
        elif kind == "pool":
            yield []
        elif kind == "dense":
            weight, bias = network[name]
            # A flatten layer precedes fc6; a dropout layer precedes the others.
            yield from ([], [weight.T, bias])


def write_keras1_theano(path: Path, network: Network) -> None:
    parameters = list(theano_parameters(network))
    with h5py.File(path, "w") as file:
        file.attrs["nb_layers"] = len(parameters)
        for i, arrays in enumerate(parameters):
            group = file.create_group(f"layer_{i}")
            group.attrs["nb_params"] = len(arrays)
            for j, array in enumerate(arrays):
                group[f"param_{j}"] = array


def read_keras1_theano(path: Path, layers: list[str]) -> Network:
    with h5py.File(path) as file:
        groups = [file[f"layer_{i}"] for i in range(file.attrs["nb_layers"])]
        filled = [group for group in groups if group.attrs["nb_params"] == 2]
        return {
            name: theano_layer(name, group["param_0"][()], group["param_1"][()])
            for name, group in zip(layers, filled, strict=True)
        }


def theano_layer(name: str, weight: np.ndarray, bias: np.ndarray) -> Layer:
    return Layer(weight.T if name.startswith("fc") else weight[:, :, ::-1, ::-1], bias)


def keras_parameters(network: Network) -> Iterator[tuple[str, list[np.ndarray]]]:
    """Yields the names and parameters of the layers of Keras VGG19."""
    yield "input_1", []
    for kind, name in sequence(network):
        if kind == "pool":
            yield keras_name(name), []
        elif kind in ("conv", "dense"):
            if name == "fc6":
                yield "flatten", []
            weight, bias = network[name]
            yield keras_name(name), [to_tensorflow(name, weight), bias]


def write_keras_groups(
    root: h5py.Group, network: Network, names: tuple[str, str], compressed: bool = False
) -> None:
    layers = list(keras_parameters(network))
    root.attrs["layer_names"] = np.array([name.encode() for name, _ in layers])
    for layer, arrays in layers:
        group = root.create_group(layer)
        full_names = [name.format(layer) for name, _ in zip(names, arrays)]
        # Without names this is an empty float64 array, as in Keras files.
        group.attrs["weight_names"] = np.array([name.encode() for name in full_names])
        for name, array in zip(full_names, arrays):
            storage = compression(array) if compressed and array.ndim > 1 else {}
            group.create_dataset(name, data=array, **storage)


def compression(array: np.ndarray) -> dict:
    """Returns settings for several chunks, some of which extend beyond the array."""
    chunks = tuple(min(256, size // 2 + 1) for size in array.shape)
    return {"chunks": chunks, "compression": "gzip", "shuffle": True}


KERAS1_NAMES = ("{}_W_1:0", "{}_b_1:0")
KERAS2_NAMES = ("{}/kernel:0", "{}/bias:0")


def write_keras1_tf(path: Path, network: Network) -> None:
    with h5py.File(path, "w") as file:
        write_keras_groups(file, network, KERAS1_NAMES)


def write_keras2(path: Path, network: Network) -> None:
    with h5py.File(path, "w") as file:
        write_keras_groups(file, network, KERAS2_NAMES)
        mark_keras2(file)


def write_keras2_model(path: Path, network: Network) -> None:
    """Writes a whole model, with the config that Keras wrote to keras3-model.h5."""
    with h5py.File(path.with_name("keras3-model.h5")) as file:
        config = file.attrs["model_config"]
    with h5py.File(path, "w") as file:
        weights = file.create_group("model_weights")
        write_keras_groups(weights, network, KERAS2_NAMES, compressed=True)
        mark_keras2(file)
        mark_keras2(weights)
        file.attrs["model_config"] = config.encode()


def mark_keras2(group: h5py.Group) -> None:
    group.attrs["backend"] = b"tensorflow"
    group.attrs["keras_version"] = b"2.2.4"


def keras_model(network: Network) -> keras.Model:
    """Returns Keras VGG19, or a model of the same structure, with its initial weights."""
    if is_full(network):
        return keras.applications.VGG19(weights=None)
    image = value = keras.Input((224, 224, 3))
    for kind, name in sequence(network):
        if kind == "pool":
            value = keras.layers.MaxPooling2D(2, 2, name=keras_name(name))(value)
        elif kind in ("conv", "dense"):
            if name == "fc6":
                value = keras.layers.Flatten(name="flatten")(value)
            value = keras_layer(name, network[name])(value)
    return keras.Model(image, value, name="vgg19")


def keras_layer(name: str, layer: Layer) -> keras.Layer:
    options = {"name": keras_name(name), "activation": "softmax" if name == "fc8" else "relu"}
    if name.startswith("fc"):
        return keras.layers.Dense(len(layer.bias), **options)
    return keras.layers.Conv2D(len(layer.bias), 3, padding="same", **options)


def keras_model_with_weights(network: Network) -> keras.Model:
    model = keras_model(network)
    for name, (weight, bias) in network.items():
        model.get_layer(keras_name(name)).set_weights([to_tensorflow(name, weight), bias])
    return model


def write_keras3_weights(path: Path, network: Network) -> None:
    keras_model_with_weights(network).save_weights(path)


def write_keras3_model(path: Path, network: Network) -> None:
    keras_model_with_weights(network).save(path)


def read_keras_weights(path: Path, layers: list[str]) -> Network:
    sizes = random_network(SMALL)
    model = keras_model({name: sizes[name] for name in layers})
    model.load_weights(path)
    return keras_network(model, layers)


def read_keras_model(path: Path, layers: list[str]) -> Network:
    return keras_network(keras.saving.load_model(path, compile=False), layers)


def keras_network(model: keras.Model, layers: list[str]) -> Network:
    network = {}
    for name in layers:
        kernel, bias = model.get_layer(keras_name(name)).get_weights()
        network[name] = Layer(from_tensorflow(name, kernel), bias)
    return network


def cell(items: list) -> np.ndarray:
    array = np.empty((1, len(items)), dtype=object)
    for i, item in enumerate(items):
        array[0, i] = item
    return array


def row(*numbers: float) -> np.ndarray:
    return np.array([numbers], np.float64)


def matlab_layers(network: Network, old: bool) -> np.ndarray:
    return cell([matlab_layer(kind, name, network, old) for kind, name in sequence(network)])


def matlab_layer(kind: str, name: str, network: Network, old: bool) -> dict:
    if kind in ("relu", "softmax"):
        return {"name": name, "type": kind}
    if kind == "pool":
        pooling = {"pool": row(2, 2), "method": "max", "pad": row(0, 0, 0, 0)}
        return {"name": name, "type": "pool", **pooling, "stride": row(2, 2)}
    filters, biases = matlab_filters(name, network[name].weight), network[name].bias[None]
    weights = {"weights": cell([filters, biases])}
    if old:
        weights = {"filters": filters, "biases": biases}
    pad = row(0, 0, 0, 0) if kind == "dense" else row(1, 1, 1, 1)
    return {"name": name, "type": "conv", **weights, "pad": pad, "stride": row(1, 1)}


def matlab_filters(name: str, weight: np.ndarray) -> np.ndarray:
    """Returns HWIO, also for fully connected layers, which are convolutions in MatConvNet."""
    side = {"fc6": 7, "fc7": 1, "fc8": 1}.get(name, 3)
    return weight.reshape(len(weight), -1, side, side).transpose(2, 3, 1, 0)


def write_matconvnet(path: Path, network: Network, compressed: bool) -> None:
    mean = np.array(CAFFE_MEAN, np.float32).reshape(1, 1, 3)
    normalization = {"imageSize": row(224, 224, 3), "averageImage": mean}
    meta = {"normalization": normalization, "classes": matlab_classes(network)}
    layers = matlab_layers(network, old=False)
    scipy.io.savemat(path, {"layers": layers, "meta": meta}, do_compression=compressed)


def write_old_matconvnet(path: Path, network: Network) -> None:
    mean = np.broadcast_to(np.array(CAFFE_MEAN, np.float32), (224, 224, 3))
    normalization = {"imageSize": row(224, 224, 3), "averageImage": mean}
    layers, classes = matlab_layers(network, old=True), matlab_classes(network)
    variables = {"layers": layers, "classes": classes, "normalization": normalization}
    scipy.io.savemat(path, variables, do_compression=True)


def matlab_classes(network: Network) -> dict:
    names = [f"n{i:08}" for i in range(len(network["fc8"].bias))]
    return {"name": cell(names), "description": cell([f"class {name}" for name in names])}


def read_matconvnet(path: Path, layers: list[str]) -> Network:
    structures = [item[0, 0] for item in scipy.io.loadmat(path)["layers"][0]]
    filled = [item for item in structures if item["type"][0] == "conv"]
    network = {}
    for layer, item in zip(layers, filled, strict=True):
        old = "filters" in item.dtype.names
        filters, biases = (item["filters"], item["biases"]) if old else item["weights"][0]
        weight = filters.transpose(3, 2, 0, 1)
        dense = layer.startswith("fc")
        network[layer] = Layer(weight.reshape(len(weight), -1) if dense else weight, biases[0])
    return network


# Fields of Caffe's messages with their numbers; a star marks repeated fields.
CAFFE_MESSAGES = {
    "BlobShape": {"dim": (1, "int64*")},
    "BlobProto": {
        "num": (1, "int32"),
        "channels": (2, "int32"),
        "height": (3, "int32"),
        "width": (4, "int32"),
        "data": (5, "float*"),
        "shape": (7, "BlobShape"),
        "double_data": (8, "double*"),
    },
    "V1LayerParameter": {
        "bottom": (2, "string*"),
        "top": (3, "string*"),
        "name": (4, "string"),
        # An enumeration in Caffe, which has the same encoding.
        "type": (5, "int32"),
        "blobs": (6, "BlobProto*"),
    },
    "LayerParameter": {
        "name": (1, "string"),
        "type": (2, "string"),
        "bottom": (3, "string*"),
        "top": (4, "string*"),
        "blobs": (7, "BlobProto*"),
    },
    "NetParameter": {
        "name": (1, "string"),
        "layers": (2, "V1LayerParameter*"),
        "input": (3, "string*"),
        "layer": (100, "LayerParameter*"),
    },
}
V1_TYPES = {"conv": 4, "dense": 14, "pool": 17, "relu": 18, "softmax": 20}
V2_TYPES = {
    "conv": "Convolution",
    "dense": "InnerProduct",
    "pool": "Pooling",
    "relu": "ReLU",
    "softmax": "Softmax",
}


def caffe_net_class() -> type:
    file = descriptor_pb2.FileDescriptorProto(name="caffe.proto", package="caffe", syntax="proto2")
    for name, fields in CAFFE_MESSAGES.items():
        message = file.message_type.add(name=name)
        for field, (number, kind) in fields.items():
            add_field(message, field, number, kind)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("caffe.NetParameter"))


def add_field(message, name: str, number: int, kind: str) -> None:
    description = descriptor_pb2.FieldDescriptorProto
    field = message.field.add(name=name, number=number)
    field.label = description.LABEL_REPEATED if kind[-1] == "*" else description.LABEL_OPTIONAL
    kind = kind.removesuffix("*")
    if kind in CAFFE_MESSAGES:
        field.type, field.type_name = description.TYPE_MESSAGE, f".caffe.{kind}"
        return
    field.type = description.Type.Value(f"TYPE_{kind.upper()}")
    if field.label == description.LABEL_REPEATED and kind != "string":
        field.options.packed = True


def merge_numbers(message, field: str, numbers: np.ndarray) -> None:
    """Appends to a packed field like `extend`, but without a Python float for each number: those
    of fc6 would need gigabytes."""
    data = numbers.tobytes()
    number = message.DESCRIPTOR.fields_by_name[field].number
    length_delimited = 2
    message.MergeFromString(varint(number << 3 | length_delimited) + varint(len(data)) + data)


def varint(number: int) -> bytes:
    septets = []
    while number > 0x7F:
        septets.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*septets, number])


def write_caffe_v1(path: Path, network: Network) -> None:
    net = caffe_net_class()(name="VGG_ILSVRC_19_layers", input=["data"])
    previous = "data"
    for kind, name in sequence(network):
        layer = net.layers.add(name=name, type=V1_TYPES[kind])
        previous = connect(layer, kind, previous)
        for array in network.get(name, ()):
            blob = layer.blobs.add()
            shape = (1,) * (4 - array.ndim) + array.shape
            blob.num, blob.channels, blob.height, blob.width = shape
            merge_numbers(blob, "data", array)
    path.write_bytes(net.SerializeToString())


def write_caffe_v2(path: Path, network: Network) -> None:
    net = caffe_net_class()(name="VGG_ILSVRC_19_layers", input=["data"])
    previous = "data"
    for kind, name in sequence(network):
        layer = net.layer.add(name=name, type=V2_TYPES[kind])
        previous = connect(layer, kind, previous)
        for array in network.get(name, ()):
            blob = layer.blobs.add()
            blob.shape.dim.extend(array.shape)
            field = "double_data" if array.dtype == np.float64 else "data"
            merge_numbers(blob, field, array)
    path.write_bytes(net.SerializeToString())


def connect(layer, kind: str, previous: str) -> str:
    """Names the input and output of a layer and returns the output name. ReLUs are in place."""
    output = previous if kind == "relu" else layer.name
    layer.bottom.append(previous)
    layer.top.append(output)
    return output


def read_caffe(path: Path, layers: list[str]) -> Network:
    net = caffe_net_class().FromString(path.read_bytes())
    filled = {layer.name: layer.blobs for layer in [*net.layers, *net.layer] if layer.blobs}
    return {name: Layer(*map(caffe_array, filled[name])) for name in layers}


def caffe_array(blob) -> np.ndarray:
    sizes = [blob.num, blob.channels, blob.height, blob.width]
    shape = list(blob.shape.dim) or list(dropwhile(lambda size: size == 1, sizes))
    if blob.double_data:
        return np.array(blob.double_data, np.float64).reshape(shape)
    return np.array(blob.data, np.float32).reshape(shape)


class OnnxStyle(NamedTuple):
    """The conventions of an exporter."""

    weight_name: Callable[[list[str], str], str]
    bias_name: Callable[[list[str], str], str]
    tensor: Callable[[np.ndarray, str], onnx.TensorProto]
    input: str
    ir_version: int
    opset: int


def raw_tensor(array: np.ndarray, name: str) -> onnx.TensorProto:
    return onnx.numpy_helper.from_array(array, name)


def float_tensor(array: np.ndarray, name: str) -> onnx.TensorProto:
    tensor = onnx.TensorProto(name=name, dims=array.shape, data_type=onnx.TensorProto.FLOAT)
    merge_numbers(tensor, "float_data", array)
    return tensor


def gluon_name(layers: list[str], layer: str) -> str:
    kind = "dense" if layer.startswith("fc") else "conv"
    first = layers.index("fc6") if kind == "dense" else 0
    return f"vgg0_{kind}{layers.index(layer) - first}"


GLUON = OnnxStyle(
    weight_name=lambda layers, layer: gluon_name(layers, layer) + "_weight",
    bias_name=lambda layers, layer: gluon_name(layers, layer) + "_bias",
    tensor=raw_tensor,
    input="data",
    ir_version=3,
    opset=7,
)
CAFFE2 = OnnxStyle(
    weight_name=lambda layers, layer: f"{layer}_w_0",
    bias_name=lambda layers, layer: f"{layer}_b_0",
    tensor=float_tensor,
    input="data_0",
    ir_version=3,
    opset=7,
)
TORCH_EXPORT = OnnxStyle(
    weight_name=lambda layers, layer: torchvision_names(layers)[layer] + ".weight",
    bias_name=lambda layers, layer: torchvision_names(layers)[layer] + ".bias",
    tensor=raw_tensor,
    input="input.1",
    ir_version=8,
    opset=17,
)


def write_onnx(path: Path, network: Network, style: OnnxStyle) -> None:
    layers, nodes, initializers, last = list(network), [], [], style.input
    for kind, name in sequence(network):
        if name == "fc6":
            nodes.append(onnx.helper.make_node("Flatten", [last], ["flatten"], "flatten"))
            last = "flatten"
        inputs = [last]
        if name in network:
            names = style.weight_name(layers, name), style.bias_name(layers, name)
            initializers += map(style.tensor, network[name], names)
            inputs += names
        nodes.append(onnx_node(kind, name, inputs))
        last = name
    model = onnx_model(nodes, initializers, last, style)
    path.write_bytes(model.SerializeToString())


def onnx_node(kind: str, name: str, inputs: list[str]) -> onnx.NodeProto:
    operators = {
        "conv": ("Conv", {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1], "strides": [1, 1]}),
        "relu": ("Relu", {}),
        "pool": ("MaxPool", {"kernel_shape": [2, 2], "strides": [2, 2]}),
        "dense": ("Gemm", {"transB": 1}),
        "softmax": ("Softmax", {"axis": 1}),
    }
    operator, attributes = operators[kind]
    return onnx.helper.make_node(operator, inputs, [name], name, **attributes)


def onnx_model(nodes: list, initializers: list, output: str, style: OnnxStyle) -> onnx.ModelProto:
    def value(name, shape):
        return onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)

    inputs = [value(style.input, [1, 3, 224, 224])]
    # Before version 4 of the format, every initializer is also an input.
    if style.ir_version < 4:
        inputs += [value(tensor.name, tensor.dims) for tensor in initializers]
    classes = initializers[-1].dims
    outputs = [value(output, [1, *classes])]
    graph = onnx.helper.make_graph(nodes, "vgg19", inputs, outputs, initializers)
    opsets = [onnx.helper.make_opsetid("", style.opset)]
    return onnx.helper.make_model(graph, ir_version=style.ir_version, opset_imports=opsets)


def read_onnx(path: Path, layers: list[str], style: OnnxStyle) -> Network:
    onnx.checker.check_model(path, full_check=True)
    graph = onnx.load(path).graph
    arrays = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer}
    return {
        name: Layer(arrays[style.weight_name(layers, name)], arrays[style.bias_name(layers, name)])
        for name in layers
    }


def tensorflow_arrays(network: Network) -> dict[str, list[np.ndarray]]:
    return {n: [to_tensorflow(n, weight), bias] for n, (weight, bias) in network.items()}


def write_npy(path: Path, network: Network) -> None:
    np.save(path, tensorflow_arrays(network), allow_pickle=True)


def read_npy(path: Path, layers: list[str]) -> Network:
    arrays = np.load(path, allow_pickle=True, encoding="latin1")[()]
    return {name: tensorflow_layer(name, *arrays[name]) for name in layers}


def tensorflow_layer(name: str, weight: np.ndarray, bias: np.ndarray) -> Layer:
    return Layer(from_tensorflow(name, weight), bias)


def write_npz(path: Path, network: Network, save: Callable) -> None:
    arrays = {}
    for name, (weight, bias) in tensorflow_arrays(network).items():
        arrays |= {f"{name}_W": weight, f"{name}_b": bias}
    save(path, **arrays)


def read_npz(path: Path, layers: list[str]) -> Network:
    with np.load(path) as arrays:
        return {n: tensorflow_layer(n, arrays[f"{n}_W"], arrays[f"{n}_b"]) for n in layers}


class Python2Pickler:
    """Writes numpy 1.11 arrays like Python 2's cPickle with protocol 2. The memo holds at most 255
    objects, four for each layer."""

    def __init__(self):
        self.stream = io.BytesIO()
        self.memo = {}
        self.put(pickle.PROTO, b"\x02")

    def put(self, *parts: bytes) -> None:
        for part in parts:
            self.stream.write(part)

    def remember(self, key: object) -> None:
        self.memo[key] = bytes([len(self.memo) + 1])
        self.put(pickle.BINPUT, self.memo[key])

    def recalled(self, key: object) -> bool:
        """Refers to an object if the stream already contains it, and returns whether it does."""
        if key in self.memo:
            self.put(pickle.BINGET, self.memo[key])
        return key in self.memo

    def attribute(self, module: bytes, name: bytes) -> None:
        if not self.recalled(name):
            self.put(pickle.GLOBAL, module, b"\n", name, b"\n")
            self.remember(name)

    def text(self, data: bytes) -> None:
        if len(data) < 256:
            self.put(pickle.SHORT_BINSTRING, bytes([len(data)]), data)
        else:
            self.put(pickle.BINSTRING, len(data).to_bytes(4, "little"), data)

    def integer(self, number: int) -> None:
        if 0 <= number < 256:
            self.put(pickle.BININT1, bytes([number]))
        elif 0 <= number < 65536:
            self.put(pickle.BININT2, number.to_bytes(2, "little"))
        else:
            self.put(pickle.BININT, number.to_bytes(4, "little", signed=True))

    def shape(self, sizes: tuple[int, ...]) -> None:
        if not sizes:
            self.put(pickle.EMPTY_TUPLE)
            return
        short = {1: pickle.TUPLE1, 2: pickle.TUPLE2, 3: pickle.TUPLE3}
        self.put(*([] if len(sizes) in short else [pickle.MARK]))
        for size in sizes:
            self.integer(size)
        self.put(short.get(len(sizes), pickle.TUPLE))

    def dtype(self, name: bytes, order: bytes, flags: int) -> None:
        if self.recalled(name):
            return
        self.attribute(b"numpy", b"dtype")
        self.text(name)
        self.integer(0)
        self.integer(1)
        self.put(pickle.TUPLE3, pickle.REDUCE)
        self.remember(name)
        self.put(pickle.MARK)
        self.integer(3)
        self.text(order)
        self.put(pickle.NONE * 3)
        self.integer(-1)
        self.integer(-1)
        self.integer(flags)
        self.put(pickle.TUPLE, pickle.BUILD)

    def begin_array(self, key: object, shape: tuple[int, ...]) -> None:
        self.attribute(b"numpy.core.multiarray", b"_reconstruct")
        self.attribute(b"numpy", b"ndarray")
        self.integer(0)
        self.put(pickle.TUPLE1)
        self.text(b"b")
        self.put(pickle.TUPLE3, pickle.REDUCE)
        self.remember(key)
        self.put(pickle.MARK)
        self.integer(1)
        self.shape(shape)

    def end_array(self) -> None:
        self.put(pickle.TUPLE, pickle.BUILD)

    def floats(self, array: np.ndarray) -> None:
        columns_first = array.flags.f_contiguous and not array.flags.c_contiguous
        self.begin_array(id(array), array.shape)
        self.dtype(b"f4", b"<", 0)
        self.put(pickle.NEWTRUE if columns_first else pickle.NEWFALSE)
        self.text(array.tobytes("A"))
        self.end_array()

    def arrays_by_name(self, arrays: dict[str, list[np.ndarray]]) -> None:
        self.put(pickle.EMPTY_DICT)
        self.remember("arrays by name")
        self.put(pickle.MARK)
        for name, pair in arrays.items():
            self.text(name.encode())
            self.remember(name)
            self.put(pickle.EMPTY_LIST)
            self.remember((name, "pair"))
            self.put(pickle.MARK)
            for array in pair:
                self.floats(array)
            self.put(pickle.APPENDS)
        self.put(pickle.SETITEMS)

    def object_array(self, arrays: dict[str, list[np.ndarray]]) -> bytes:
        """Returns the pickle of a zero-dimensional array that holds a dictionary."""
        self.begin_array("object array", ())
        self.dtype(b"O8", b"|", 63)
        self.put(pickle.NEWFALSE, pickle.EMPTY_LIST)
        self.remember("items")
        self.arrays_by_name(arrays)
        self.put(pickle.APPEND)
        self.end_array()
        self.put(pickle.STOP)
        return self.stream.getvalue()


def write_python2_npy(path: Path, network: Network) -> None:
    header = b"{'descr': '|O', 'fortran_order': False, 'shape': (), }"
    # numpy 1.11 aligns to 16 bytes, later versions to 64.
    header = header.ljust(69) + b"\n"
    start = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header
    path.write_bytes(start + Python2Pickler().object_array(tensorflow_arrays(network)))


def write_features(path: Path, network: Network) -> None:
    random = torch.Generator().manual_seed(SEED + 2)
    picture = torch.rand((3, 29, 37), generator=random)
    other_order = reversed_channels(network)
    # Without pool5, because its input would be too small.
    features = torchvision_model(network).features[:-1]
    encoders = {
        "caffe": (caffe_input, features),
        "torchvision": (torchvision_input, features),
        "adain": (nn.Identity(), adain_encoder(other_order, bgr_of_255())),
        "adain-mixed": (nn.Identity(), adain_encoder(other_order, mixture())),
    }
    tensors = {"picture": picture}
    for prefix, (prepare, encoder) in encoders.items():
        for name, value in features_and_gradient(prepare, encoder, picture, network).items():
            tensors[f"{prefix}/{name}"] = value
    safetensors.torch.save_file(tensors, path)


def caffe_input(picture: torch.Tensor) -> torch.Tensor:
    return picture * 255 - channels(CAFFE_MEAN)


def torchvision_input(picture: torch.Tensor) -> torch.Tensor:
    return (picture - channels(TORCHVISION_MEAN)) / channels(TORCHVISION_DEVIATION)


def channels(values: tuple[float, ...]) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64).view(3, 1, 1)


def features_and_gradient(
    prepare: Callable, encoder: nn.Sequential, picture: torch.Tensor, network: Network
) -> dict[str, torch.Tensor]:
    picture = picture.double().requires_grad_()
    features = relu_outputs(encoder.double(), prepare(picture), network)
    loss = sum(0.5 * features[name].square().sum() for name in ("relu4_1", "relu1_1"))
    (gradient,) = torch.autograd.grad(loss, picture)
    wanted = {name: value for name, value in features.items() if name.endswith("_1")}
    return {n: v.detach().float() for n, v in {**wanted, "gradient": gradient}.items()}


def relu_outputs(
    encoder: nn.Sequential, image: torch.Tensor, network: Network
) -> dict[str, torch.Tensor]:
    names = iter(name.replace("conv", "relu") for name in convolutions(network))
    outputs = {}
    for module in encoder:
        image = module(image)
        if isinstance(module, nn.ReLU):
            outputs[next(names)] = image
    return outputs


class File(NamedTuple):
    """The contents of a file, with the functions that write and read it."""

    write: Callable[[Path, Network], None]
    read: Callable[[Path, list[str]], Network]
    part: Callable[[Network], Network] = whole
    channels: str = "RGB"
    small_only: bool = False


read_torchvision = partial(read_torch, naming=torchvision_names)
FILES = {
    "reference.safetensors": File(
        write_reference, partial(read_safetensors, naming=own_names), convolutions
    ),
    "torchvision.safetensors": File(
        write_safetensors, partial(read_safetensors, naming=torchvision_names)
    ),
    "vgg16.safetensors": File(
        write_safetensors,
        partial(read_safetensors, naming=torchvision_names),
        vgg16,
        small_only=True,
    ),
    "torchvision-legacy.pth": File(
        partial(write_torchvision, new_format=False), read_torchvision
    ),
    "torchvision-zip.pth": File(partial(write_torchvision, new_format=True), read_torchvision),
    "caffe-legacy.pth": File(
        partial(write_torch_2017, naming=torchvision_names), read_torchvision, channels="BGR"
    ),
    "whole-module.pth": File(
        write_checkpoint, partial(read_torch, naming=data_parallel_names), half_precision
    ),
    "gatys.pth": File(
        partial(write_torch_2017, naming=own_names),
        partial(read_torch, naming=own_names),
        convolutions,
        "BGR",
    ),
    "adain.pth": File(
        partial(write_adain, first=bgr_of_255()),
        partial(read_adain, first=bgr_of_255()),
        convolutions,
        "BGR",
    ),
    "adain-mixed.pth": File(
        partial(write_adain, first=mixture()),
        partial(read_adain, first=mixture()),
        convolutions,
        "BGR",
    ),
    "vgg19-bn.pth": File(
        write_batch_norm,
        partial(read_torch, naming=partial(torchvision_names, step=3)),
        small_only=True,
    ),
    "keras1-theano.h5": File(write_keras1_theano, read_keras1_theano, channels="BGR"),
    "keras1-tf.h5": File(write_keras1_tf, read_keras_weights, channels="BGR"),
    "keras2.h5": File(write_keras2, read_keras_weights, channels="BGR"),
    "keras2-notop.h5": File(write_keras2, read_keras_weights, convolutions, "BGR"),
    "keras3.weights.h5": File(write_keras3_weights, read_keras_weights, channels="BGR"),
    "keras3-model.h5": File(write_keras3_model, read_keras_model, channels="BGR"),
    "keras2-model.h5": File(write_keras2_model, read_keras_model, channels="BGR"),
    "matconvnet.mat": File(partial(write_matconvnet, compressed=False), read_matconvnet),
    "matconvnet-compressed.mat": File(
        partial(write_matconvnet, compressed=True), read_matconvnet
    ),
    "matconvnet-old.mat": File(write_old_matconvnet, read_matconvnet),
    "caffe-v1.caffemodel": File(write_caffe_v1, read_caffe, channels="BGR"),
    "caffe-v2.caffemodel": File(write_caffe_v2, read_caffe, channels="BGR"),
    "caffe-double.caffemodel": File(
        write_caffe_v2, read_caffe, double_precision, "BGR", small_only=True
    ),
    "gluon.onnx": File(partial(write_onnx, style=GLUON), partial(read_onnx, style=GLUON)),
    "caffe2.onnx": File(
        partial(write_onnx, style=CAFFE2), partial(read_onnx, style=CAFFE2), channels="BGR"
    ),
    "torch-export.onnx": File(
        partial(write_onnx, style=TORCH_EXPORT),
        partial(read_onnx, style=TORCH_EXPORT),
        small_only=True,
    ),
    "tensorflow-vgg.npy": File(write_npy, read_npy, channels="BGR"),
    "tensorflow-vgg-python2.npy": File(
        write_python2_npy, read_npy, channels="BGR", small_only=True
    ),
    "frossard.npz": File(partial(write_npz, save=np.savez), read_npz),
    "frossard-compressed.npz": File(partial(write_npz, save=np.savez_compressed), read_npz),
}


def contents(file: File, network: Network) -> Network:
    part = file.part(network)
    return reversed_channels(part) if file.channels == "BGR" else part


def check(folder: Path, network: Network) -> None:
    """Reads each file with its library and compares all numbers with the expected ones."""
    for name, file in FILES.items():
        expected = contents(file, network)
        compare(folder / name, file.read(folder / name, list(expected)), expected)


def compare(path: Path, found: Network, expected: Network) -> None:
    for name, layer in expected.items():
        for a, b in zip(found[name], layer, strict=True):
            if a.dtype != b.dtype or not np.array_equal(a, b):
                raise SystemExit(f"{path}: {name} is not what was written")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--full", action="store_true", help="real widths, 550 MB a file")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)

    network = random_network(FULL if options.full else SMALL)
    for name, file in FILES.items():
        if options.full and file.small_only:
            continue
        file.write(options.folder / name, contents(file, network))
        print(f"{(options.folder / name).stat().st_size:>11,} {name}", flush=True)
        # Models contain reference cycles, and the next file needs their memory.
        gc.collect()
    write_features(options.folder / "features.safetensors", network)
    if not options.full:
        check(options.folder, network)
        print(f"{len(FILES)} files hold what they should")


if __name__ == "__main__":
    main()
