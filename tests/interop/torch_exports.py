#!/usr/bin/env python3
"""PyTorch modules through both of its exporters (TorchScript and torch.export), against PyTorch itself.

    tests/interop/torch_exports.py --samoyed build/release/bin/samoyed --work build/interop/torch [--only NAME...]

Rule: max |samoyed - torch| <= 1e-4 of the output's largest number (half precision: 5e-3; eight bits: 2e-2), integers and truth values equal, for every data
set, with the sizes that the model leaves open changing. Where the exported model itself is not the module (ONNX Runtime's result differs
from torch's, too), it must equal ONNX Runtime's; quantised models always are compared with that. Models that no exporter makes are
counted apart. Prints a table; ends with status 1 when the rule is broken.
"""
import argparse
import contextlib
import inspect
import logging
import os
import sys
import traceback
import warnings

import numpy as np
import onnx
import onnxruntime as ort
import torch

import torch_layers
import torch_networks
import torch_operators
import whole

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)
ort.set_default_logger_severity(4)


def leaves(value):
    """The tensors in nested tuples, lists and dictionaries."""
    return [x for x in torch.utils._pytree.tree_leaves(value) if isinstance(x, (torch.Tensor, int, float, bool))]


@contextlib.contextmanager
def silence():
    """Exporters print whole graphs, from C++ too, when they give up."""
    sys.stdout.flush()
    with open(os.devnull, "w") as nowhere:
        kept = [(fd, os.dup(fd)) for fd in (1, 2)]
        for fd, _ in kept:
            os.dup2(nowhere.fileno(), fd)
        try:
            yield
        finally:
            sys.stdout.flush()
            for fd, copy in kept:
                os.dup2(copy, fd)
                os.close(copy)


def export(case, exporter, module, path):
    """Writes the model; raises what the exporter raises."""
    args = case.sets[0]
    names = [f"x{i}" for i in range(len(args))]
    open_sizes = {n: d for n, d in zip(names, case.dynamic) if d}
    with silence(), torch.no_grad():
        if exporter == "script":
            if case.scripted:
                module = torch.jit.script(module)
            torch.onnx.export(module, args, path, opset_version=min(case.opset, 20), input_names=names, dynamic_axes=open_sizes, dynamo=False)
        else:
            shapes = tuple({axis: torch.export.Dim.DYNAMIC for axis in d} if d else None for d in case.dynamic) if case.dynamic else None
            gathered = [i for i, p in enumerate(inspect.signature(module.forward).parameters.values()) if p.kind is p.VAR_POSITIONAL]
            if shapes and gathered:  # forward(a, *rest) has the rest's shapes in a tuple
                shapes = (*shapes[:gathered[0]], shapes[gathered[0]:])
            torch.onnx.export(module, args, path, opset_version=case.opset, input_names=names, dynamic_shapes=shapes, dynamo=True, external_data=False)


def numpy_of(value):
    return value.detach().numpy() if isinstance(value, torch.Tensor) else np.asarray(value)


def framework_outputs(module, args):
    with torch.no_grad():
        return [numpy_of(t) for t in leaves(module(*[a.clone() if isinstance(a, torch.Tensor) else a for a in args]))]


def ort_refusal(path, feed):
    """None, or why ONNX Runtime does not run the model."""
    try:
        ort.InferenceSession(path, providers=["CPUExecutionProvider"]).run(None, feed)
    except Exception as error:  # whatever it throws is a refusal
        return " ".join(str(error).split())
    return None


def run_case(case, exporter, args):
    """(verdict, what was found)"""
    torch.manual_seed(0)
    module = case.make().eval()
    path = os.path.join(whole.folder_of(f"{case.name} {exporter}", args.work), "model.onnx")
    if not (args.keep and os.path.exists(path)):
        try:
            export(case, exporter, module, path)
            if case.change is not None:
                case.change(path, path)
        except Exception as error:
            if args.verbose:
                traceback.print_exc()
            return "no model", f"{type(error).__name__}: {' '.join(str(error).split())[:110]}"
    model = onnx.load(path)
    fed, made = [i.name for i in model.graph.input], [o.name for o in model.graph.output]
    note, error_of_all, reference = "", 0.0, None
    for tensors in case.sets:
        feed = {f"x{i}": numpy_of(t) for i, t in enumerate(tensors) if f"x{i}" in fed}
        expected = framework_outputs(module, tensors) if case.against == "framework" else None
        if expected is not None and not any(e.size and np.any(e != 0) for e in expected):
            return "FAILED", "the module gives nothing but zeros: there is nothing to compare"
        try:
            actual = whole.samoyed_outputs(args.samoyed, path, feed, made, args.provider)
        except RuntimeError:
            refusal = ort_refusal(path, feed)
            if refusal is None:
                raise
            return "no model", f"ONNX Runtime, too, refuses what was made: {refusal[:110]}"
        error = "" if expected is None else whole.worst(actual, expected)
        if expected is None or len(expected) != len(actual) or not whole.within(error, case.tolerance):
            reference = reference or ort.InferenceSession(path, providers=["CPUExecutionProvider"])
            theirs = reference.run(None, feed)
            if expected is not None:
                note = f"(ONNX Runtime is not torch: {whole.show(whole.worst(theirs, expected))}; samoyed {whole.show(error)})"
            error = whole.worst(actual, theirs)
            if not whole.within(error, case.tolerance):
                return "FAILED", f"{whole.show(error)} for {[np.shape(v) for v in feed.values()]} {note}"
        error_of_all = max(error_of_all, error)
    return "ok", f"{len(case.sets)} data sets, {whole.show(error_of_all)} {note}".rstrip()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samoyed", required=True)
    parser.add_argument("--work", required=True, help="folder for the models")
    parser.add_argument("--only", nargs="*", help="parts of names")
    parser.add_argument("--provider", default="cpu")
    parser.add_argument("--keep", action="store_true", help="use the models that are there")
    parser.add_argument("--verbose", action="store_true", help="show why an exporter gives up")
    args = parser.parse_args()
    torch.backends.mha.set_fastpath_enabled(False)  # the old exporter does not know that kernel
    counts = {"ok": 0, "FAILED": 0, "no model": 0}
    for source in (torch_operators, torch_layers, torch_networks):
        for case in source.cases():
            if args.only and not any(part in case.name for part in args.only):
                continue
            for exporter in case.exporters:
                try:
                    verdict, found = run_case(case, exporter, args)
                except Exception as error:
                    if args.verbose:
                        traceback.print_exc()
                    verdict, found = "FAILED", f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
                counts[verdict] += 1
                print(f"{case.name:36s} {exporter:7s} {verdict:8s} {found}", flush=True)
    print(", ".join(f"{n} {what}" for what, n in counts.items()))
    return 1 if counts["FAILED"] else 0


if __name__ == "__main__":
    sys.exit(main())
