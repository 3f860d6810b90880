"""One-pass style networks whose graphs are impossible, endless or too large."""

import json
import struct

from case import Case
from weights import field, safetensors

HUGE = 1 << 40


def text(number, value):
    return field(number, value.encode())


def tensor(name, dims, kind=1, raw=b""):
    return b"".join(field(1, d) for d in dims) + field(2, kind) + text(8, name) + field(9, raw)


def attribute(name, value):
    if isinstance(value, bytes):
        return text(1, name) + field(5, value)
    if isinstance(value, str):
        return text(1, name) + text(4, value)
    return text(1, name) + b"".join(field(8, item) for item in value)


def node(kind, inputs, outputs, **attributes):
    return (b"".join(text(1, name) for name in inputs) + b"".join(text(2, name) for name in outputs)
            + text(4, kind) + b"".join(field(5, attribute(*item)) for item in attributes.items()))


def picture(dims=(1, 3, 64, 64), name="x"):
    shape = b"".join(field(1, field(1, d)) for d in dims)
    return text(1, name) + field(2, field(1, field(1, 1) + field(2, shape)))


def model(nodes, tensors=(), inputs=(picture(),), output="y"):
    graph = b"".join(field(1, n) for n in nodes) + b"".join(field(5, t) for t in tensors)
    graph += b"".join(field(11, i) for i in inputs) + field(12, text(1, output))
    return field(1, 8) + field(7, graph)


def ints(name, *values):
    return tensor(name, [len(values)], 7, struct.pack(f"<{len(values)}q", *values))


def kernel(name, dims):
    count = 1
    for length in dims:
        count *= length
    return tensor(name, dims, 1, b"\0" * 4 * count)


def models():
    relu = node("Relu", ["x"], ["y"])
    yield "only a ReLU", model([relu])
    yield "a cycle", model([node("Relu", ["z"], ["y"]), node("Relu", ["y"], ["z"])])
    yield "a node that reads itself", model([node("Add", ["x", "y"], ["y"])])
    yield "a missing input", model([node("Conv", ["x", "w"], ["y"])])
    yield "no nodes", model([])
    yield "no output", model([relu], output="nowhere")
    yield "no picture", model([relu], inputs=[picture((1, 7))])
    yield "three inputs", model([relu], inputs=[picture(name=n) for n in ("x", "a", "b")])
    yield "a huge picture", model([node("Conv", ["x", "w"], ["y"])], [kernel("w", (3, 3, 9, 9))],
                                  [picture((1, 3, HUGE, HUGE))])
    yield "a kernel without numbers", model([node("Conv", ["x", "w"], ["y"])],
                                            [tensor("w", [3, 3, 9, 9])])
    yield "a kernel of huge lengths", model([node("Conv", ["x", "w"], ["y"])],
                                            [tensor("w", [HUGE, HUGE, 9, 9])])
    yield "a kernel of length 0", model([node("Conv", ["x", "w"], ["y"])], [tensor("w", [0, 3, 0, 0])])
    yield "strides of 0", model([node("Conv", ["x", "w"], ["y"], strides=[0, 0])],
                                [kernel("w", (3, 3, 3, 3))])
    yield "groups of 0", model([node("Conv", ["x", "w"], ["y"], group=[0])], [kernel("w", (3, 3, 3, 3))])
    yield "pads that are negative", model([node("Pad", ["x"], ["y"], mode="reflect",
                                                pads=[0, 0, -9, -9, 0, 0, HUGE, 1])])
    yield "a constant of huge shape", model(
        [node("ConstantOfShape", ["s"], ["c"]), node("Add", ["x", "c"], ["y"])], [ints("s", HUGE, HUGE)])
    doubled = [node("Concat", [f"c{i}", f"c{i}"], [f"c{i + 1}"], axis=[0]) for i in range(60)]
    yield "a constant that doubles", model(doubled + [node("Add", ["x", "c60"], ["y"])],
                                           [ints("c0", *range(64))])
    yield "a slice of extreme steps", model(
        [node("Slice", ["s", "a", "b", "c", "d"], ["e"]), node("Add", ["x", "e"], ["y"])],
        [ints("s", 1, 2, 3), ints("a", -HUGE), ints("b", HUGE), ints("c", 0), ints("d", -(1 << 62))])
    yield "a gather beyond its axis", model(
        [node("Gather", ["s", "a"], ["e"], axis=[5]), node("Add", ["x", "e"], ["y"])],
        [ints("s", 1), ints("a", 99)])
    yield "a reshape to nothing", model([node("Reshape", ["x", "s"], ["y"])], [ints("s", 0, -1, -1)])
    yield "a constant of an unknown type", model([node("Conv", ["x", "w"], ["y"])],
                                                 [tensor("w", [1], 99, b"\0")])
    yield "integers where numbers are", model([node("Conv", ["x", "w"], ["y"])],
                                              [tensor("w", [1], 7, b"\0" * 8)])
    yield "30000 nodes", model([node("Relu", ["x" if i == 0 else f"v{i}"], [f"v{i + 1}"])
                                for i in range(30_000)], output="v30000")
    yield "upsampling 60 times", model([node("Upsample", ["x" if i == 0 else f"v{i}"], [f"v{i + 1}"],
                                             mode="nearest") for i in range(60)], output="v60")


def descriptions():
    layers = {"contraction": [32, 32, 32], "blocks": 5, "expansion": [8, 4], "padding": "reflect",
              "upsampling": "nearest", "scaling": {"single": {}}, "normalizesContraction": True,
              "normalizesOutput": True, "hasBiases": False, "output": "sigmoid", "epsilon": 1e-5}
    for change in [{"blocks": HUGE}, {"blocks": -1}, {"contraction": []}, {"contraction": [HUGE] * 3},
                   {"expansion": [0, 0]}, {"epsilon": -1}, {"scaling": {"rows": {"_0": HUGE}}},
                   {"padding": "none"}, {}]:
        text = json.dumps({"transformer": {**layers, **change}, "styles": []})
        yield f"description {change}", safetensors({"__metadata__": {"impasto.stylizer": text}})


def cases(sandbox):
    for number, (name, data) in enumerate(models()):
        path = sandbox.write(f"{number}.onnx", data)
        yield Case(name, ["stylize", "chelsea.jpg", "--style", path, "-o", "out.png"])
    for number, (name, data) in enumerate(descriptions()):
        path = sandbox.write(f"{number}.safetensors", data)
        yield Case(name, ["stylize", "chelsea.jpg", "--style", path, "-o", "out.png"])
