"""Whole models through `samoyed run` and their results against a peer's: what torch_exports.py and shipped_models.py share."""
import os
import subprocess
import tempfile

import numpy as np


def samoyed_outputs(samoyed, model, inputs, outputs, provider="cpu"):
    """The outputs of these names of the model in a file, for inputs by name."""
    with tempfile.TemporaryDirectory() as folder:
        np.savez(folder + "/inputs.npz", **inputs)
        command = [samoyed, "run", model, "--output-dir", folder, "--format", "npz", "--provider", provider]
        done = subprocess.run(command + (["--input", folder + "/inputs.npz"] if inputs else []), capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"status {done.returncode}: {done.stderr.strip()[-300:]}")
        with np.load(folder + "/outputs.npz") as made:
            return [made[name.replace("/", "_")] for name in outputs]


def difference(actual, expected):
    """The largest difference as a part of the largest number expected; a text where shapes, types, labels or infinities differ."""
    actual, expected = np.asarray(actual), np.asarray(expected)
    if actual.shape != expected.shape:
        return f"shape {actual.shape} instead of {expected.shape}"
    if actual.dtype != expected.dtype:
        return f"{actual.dtype} instead of {expected.dtype}"
    if expected.dtype.kind not in "fc":
        wrong = int((actual != expected).sum())
        return f"{wrong} of {expected.size} differ" if wrong else 0.0
    finite = np.isfinite(expected)
    if not np.array_equal(actual[~finite], expected[~finite], equal_nan=True):
        return "NaN or infinity differ"
    wide = np.complex128 if expected.dtype.kind == "c" else np.float64
    a, e = actual[finite].astype(wide), expected[finite].astype(wide)
    return float(np.abs(a - e).max() / max(np.abs(e).max(), 1e-6)) if e.size else 0.0


def worst(actual, expected):
    """The worst difference of several outputs."""
    found = [difference(a, e) for a, e in zip(actual, expected)]
    texts = [f for f in found if isinstance(f, str)]
    return texts[0] if texts else max(found, default=0.0)


def within(error, tolerance):
    return not isinstance(error, str) and error <= tolerance


def show(error):
    return error if isinstance(error, str) else f"{error:.1e}"


def folder_of(name, work):
    folder = os.path.join(work, "".join(c if c.isalnum() else "_" for c in name))
    os.makedirs(folder, exist_ok=True)
    return folder
