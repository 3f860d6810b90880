"""The part of VGG that both PyTorch benchmarks run: average pooling, up to conv5_1."""
import torch
import torch.nn.functional as F

MEAN = torch.tensor([123.68, 116.779, 103.939]).view(1, 3, 1, 1)
STYLE, CONTENT = ["1_1", "2_1", "3_1", "4_1", "5_1"], "4_2"


def layers(network):
    """Returns the names of the convolutions, with a P for each pooling layer."""
    deep = [] if network == "vgg16" else ["3_4"]
    deeper = [] if network == "vgg16" else ["4_4"]
    names = ["1_1", "1_2", "P", "2_1", "2_2", "P", "3_1", "3_2", "3_3", *deep, "P"]
    return [*names, "4_1", "4_2", "4_3", *deeper, "P", "5_1"]


def features(picture, weights, names):
    """Returns the map after each convolution's ReLU, for a picture of values 0...1."""
    y, out = picture * 255 - MEAN, {}
    for name in names:
        if name == "P":
            y = F.avg_pool2d(y, 2)
        else:
            y = F.relu(F.conv2d(y, weights[f"conv{name}.weight"], weights[f"conv{name}.bias"], padding=1))
            out[name] = y
    return out


def gram(f):
    matrix = f.permute(0, 2, 3, 1).reshape(-1, f.shape[1])
    return matrix.t() @ matrix / matrix.shape[0]
