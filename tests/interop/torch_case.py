"""What a case of torch_exports.py is, and helpers for those who write cases."""
from dataclasses import dataclass, field

import torch


@dataclass
class Case:
    name: str
    make: object                      # gives the module; called under a fixed seed
    sets: list                        # tuples of tensors: the first is exported with, all are run
    dynamic: tuple = ()               # for every argument {axis: name}, or None
    exporters: tuple = ("script", "dynamo")
    opset: int = 18
    tolerance: float = 1e-4           # a part of the output's largest number
    against: str = "framework"        # or "onnxruntime": where the model is changed after export (quantised)
    change: object = None             # function (path from, path to) that does that
    scripted: bool = field(default=False)  # torch.jit.script before export, so that control flow stays


class Apply(torch.nn.Module):
    """A function of tensors as a module."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, *args):
        return self.function(*args)


class Layers(torch.nn.Module):
    """Several modules on the same arguments: an output each."""

    def __init__(self, *layers):
        super().__init__()
        self.layers = torch.nn.ModuleList(layers)

    def forward(self, *args):
        return tuple(layer(*args) for layer in self.layers)


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed + sum(shape)))


def uniform(*shape, low=0.0, high=1.0, seed=0):
    return low + (high - low) * torch.rand(*shape, generator=torch.Generator().manual_seed(seed + sum(shape)))


def whole_numbers(high, *shape, seed=0):
    return torch.randint(high, shape, generator=torch.Generator().manual_seed(seed + sum(shape)))


def function(name, f, *sets, dynamic=(), **more):
    return Case(name, lambda: Apply(f), list(sets), dynamic, **more)


def layers(name, make, *sets, dynamic=(), **more):
    return Case(name, lambda: Layers(*make()), list(sets), dynamic, **more)


def shake(module, scale=1.0):
    """Batch normalisation with plausible statistics in place of zeros and ones, so that it does something."""
    for m in module.modules():
        if isinstance(m, torch.nn.modules.batchnorm._BatchNorm) and m.running_mean is not None:
            m.running_mean.normal_(0, 0.1 * scale)
            m.running_var.uniform_(0.5, 1.5)
    return module


class Between(torch.nn.Module):
    """A module that computes in another type than its inputs and outputs have."""

    def __init__(self, module, dtype):
        super().__init__()
        self.module, self.dtype = module.to(dtype), dtype

    def forward(self, x):
        return self.module(x.to(self.dtype)).float()
