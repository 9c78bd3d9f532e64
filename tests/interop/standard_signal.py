"""Random cases for windows, Fourier transforms, determinants, losses and optimisers: the default domain and ai.onnx.preview.training."""
import ml_dtypes
import numpy as np
import scipy.fft
import scipy.signal.windows
import torch
import torch.nn.functional as F
from onnx import helper, numpy_helper

from property import Case, element_type, make_model
from standard import TOLERANCE, axis_of, case, draw, is_float, pick_type, reference, schema_of, shape
from standard_layers import ints, some, trimmed

TRAINING = "ai.onnx.preview.training"
REFERENCE_DIFFERS = {}
ORACLES = {"BlackmanWindow": "scipy.signal in double", "HammingWindow": "scipy.signal in double", "HannWindow": "scipy.signal in double", "DFT": "scipy.fft in double",
           "STFT": "scipy.fft of each frame, in double", "Det": "numpy.linalg.det in double", "MelWeightMatrix": "ReferenceEvaluator with the edges in double",
           "NegativeLogLikelihoodLoss": "torch's nll_loss in double", "SoftmaxCrossEntropyLoss": "torch's cross_entropy in double", "SimplifiedLayerNormalization": "numpy, in double",
           f"{TRAINING}.Adagrad": "numpy, in double", f"{TRAINING}.Adam": "numpy, in double", f"{TRAINING}.Momentum": "numpy, in double", f"{TRAINING}.Gradient": "torch's autograd"}
WHOLE = ("i4", "i8")


def tolerance(dtype):
    return dict(zip(("rtol", "atol"), TOLERANCE.get(np.dtype(dtype).name, (0, 0))))


def scalar(r, value):
    return np.array(value, r.choice(WHOLE))


def output_type(r, schema, parameter):
    """A type for an attribute that names one, and what the attribute says: now and then nothing, which is float."""
    if r.random() < 0.2:
        return np.dtype("f4"), None
    dtype = pick_type(r, schema, parameter)
    return dtype, int(element_type(np.empty(0, dtype)))


def window(op, of):
    def make(r):
        schema = schema_of(op, r, 17)
        dtype, named = output_type(r, schema, "T2")
        size, periodic = int(r.choice([r.integers(0, 3), r.integers(1, 40), r.integers(1, 2000)], p=[0.1, 0.7, 0.2])), int(r.integers(2))
        if size == 1 and not is_float(dtype):  # of one symmetric point the definition divides by zero
            periodic = 1

        def run(*_):
            w = of(size + 1, True)[:-1] if periodic else of(size, True) if size != 1 else np.array([np.nan])
            # The peak is 1, not what rounding leaves of it.
            return [w.astype(dtype) if is_float(dtype) else np.trunc(np.round(w, 9)).astype(dtype)]
        # The definition computes in float whatever the output's type: angles of up to 4 pi are off by 1e-6.
        limits = {"rtol": 1e-6, "atol": 2e-6} if dtype == np.float64 else tolerance(dtype)
        return case(op, 17, [scalar(r, size)], {"periodic": periodic if not periodic or r.random() < 0.5 else None, "output_datatype": named}, oracle=run,
                    constants=(0,) if r.random() < 0.3 else (), **limits)
    return make


def complex_of(x):
    """The complex numbers of a tensor whose last axis is the parts."""
    x = np.asarray(x, "f8")
    return x[..., 0] + 1j * x[..., 1] if x.shape[-1] == 2 else x[..., 0]


def parts_of(y, dtype):
    return np.stack([np.real(y), np.imag(y)], -1).astype(dtype)


# A sum of up to a few hundred rounded products of values of [-4, 4]: the error goes with the largest term, not with the sum.
SUMS = {"float64": (1e-7, 1e-8), "float32": (1e-4, 5e-4), "float16": (4e-3, 0.1), "bfloat16": (3e-2, 1.0)}


def dft(r):
    schema = schema_of("DFT", r, 17)
    v, dtype = schema.since_version, pick_type(r, schema, "T1")
    dims = list(shape(r, 1, 3, 5, empty=0)) if v == 20 or r.random() < 0.5 else [int(r.integers(1, 4)), *shape(r, 1, 2, 5, empty=0)]
    dims = dims if v == 20 or len(dims) > 1 else [1, *dims]
    axis = axis_of(r, len(dims), False)
    dims[axis] = int(r.choice([r.integers(1, 33), r.integers(1, 200), 64, 97]))
    inverse, onesided = ints(r, 0, 2, 2)
    x = draw(r, dtype, (*dims, 2 if onesided and inverse else 1 if onesided else int(r.integers(1, 3))))
    n = int(r.integers(1, 2 * dims[axis] + 2)) if r.random() < 0.5 or (onesided and inverse and dims[axis] == 1) else None
    left_out = axis == (len(dims) - 1 if v == 20 else 1) and r.random() < 0.5
    at = axis if r.random() < 0.5 else axis - len(dims) - 1

    def run(*_):
        z = complex_of(x)
        if onesided and inverse:
            return [scipy.fft.irfft(z, n, axis)[..., None].astype(dtype)]
        if onesided:
            return [parts_of(scipy.fft.rfft(z, n, axis), dtype)]
        return [parts_of((scipy.fft.ifft if inverse else scipy.fft.fft)(z, n, axis), dtype)]
    inputs, length = [x], None if n is None else scalar(r, n)
    inputs += [length] if v == 17 else [length, None if left_out else np.array(at, "i8")]
    given = trimmed(*inputs)
    return case("DFT", v, given, {"inverse": inverse or some(r, 0, 0.3), "onesided": onesided or some(r, 0, 0.3), "axis": None if v == 20 or left_out else at}, oracle=run,
                rtol=SUMS[dtype.name][0], atol=SUMS[dtype.name][1], constants=tuple(i for i in (1, 2) if len(given) > i and given[i] is not None) if r.random() < 0.4 else ())


def stft(r):
    schema = schema_of("STFT", r, 17)
    dtype = pick_type(r, schema, "T1")
    batch, length, frame, step = int(r.integers(1, 4)), int(r.integers(1, 80)), int(r.integers(1, 40)), int(r.integers(1, 12))
    length = max(length, frame)
    windowed, sized = [(True, True), (True, False), (False, True), (False, False)][r.choice(4, p=[0.35, 0.35, 0.25, 0.05])]
    if not windowed and not sized:
        frame = length
    onesided = int(r.integers(2))
    x = draw(r, dtype, (batch, length, 1 if onesided else int(r.integers(1, 3))))
    w = draw(r, dtype, (frame,), -1, 1) if windowed else None

    def run(*_):
        z = complex_of(x)
        frames = np.stack([z[:, at:at + frame] for at in range(0, length - frame + 1, step)], 1) * (1 if w is None else np.asarray(w, "f8"))
        return [parts_of((scipy.fft.rfft if onesided else scipy.fft.fft)(frames, axis=-1), dtype)]
    given = trimmed(x, scalar(r, step), w, scalar(r, frame) if sized else None)
    if sized:  # the two have one type
        given[3] = given[3].astype(given[1].dtype)
    return case("STFT", 17, given, {"onesided": onesided if not onesided or r.random() < 0.5 else None}, oracle=run, rtol=SUMS[dtype.name][0], atol=SUMS[dtype.name][1],
                constants=tuple(i for i in (1, 2, 3) if len(given) > i and given[i] is not None) if r.random() < 0.4 else ())


def det(r):
    schema = schema_of("Det", r, 11)
    dtype = pick_type(r, schema)
    n = int(r.integers(1, 7))
    x = draw(r, dtype, (*shape(r, 0, 2, 3), n, n), -1.5, 1.5)
    if n > 1 and r.random() < 0.2:
        x[..., 0, :] = x[..., 1, :]
    if r.random() < 0.2:
        x = np.asarray(np.round(np.asarray(x, "f8"))).astype(dtype)
    # Elimination is off by a few roundings of the product of the rows' lengths, which bounds the determinant.
    bound = np.prod(np.linalg.norm(np.asarray(x, "f8"), axis=-1), axis=-1)
    rtol, atol = TOLERANCE[dtype.name]
    return case("Det", schema.since_version, [x], rtol=rtol, atol=atol * max(1.0, float(np.max(bound, initial=0))), oracle=lambda x: [np.asarray(np.linalg.det(np.asarray(x, "f8"))).astype(dtype)])


def mel(r):
    schema = schema_of("MelWeightMatrix", r, 17)
    dtype, named = output_type(r, schema, "T3")
    edge = pick_type(r, schema, "T2")
    bins, length, rate = int(r.integers(1, 24)), int(r.integers(2, 300)), int(r.choice([8000, 16000, 22050, 44100]))
    low, high = np.sort(r.uniform(0, rate / 2 - 50, 2))
    low, high = np.array(low, "f4").astype(edge), np.array(high, "f4").astype(edge)
    kind = r.choice(WHOLE)
    inputs = [np.array(bins, kind), np.array(length, kind), np.array(rate, kind), low, high]
    def run(*_):
        # The ReferenceEvaluator computes in the edges' type, where a bin's index may round to the next: in double it does what is written.
        wide = case("MelWeightMatrix", 17, [*inputs[:3], low.astype("f8"), high.astype("f8")], {"output_datatype": named})
        return reference(make_model(wide), {f"x{i}": v for i, v in enumerate(wide.inputs)})
    return case("MelWeightMatrix", 17, inputs, {"output_datatype": named}, **tolerance(dtype), oracle=run, constants=tuple(range(5)) if r.random() < 0.3 else ())


def loss(op):
    def make(r):
        schema = schema_of(op, r, 12)
        dtype = pick_type(r, schema)
        n, c = ints(r, 1, 6, 2)
        rest = shape(r, 0, 3, 3, empty=0.03)
        x = draw(r, dtype, (n, c, *rest), -6, 0 if op.startswith("Neg") else 6)
        target = r.integers(0, c, (n, *rest)).astype(r.choice(WHOLE))
        weight = some(r, draw(r, dtype, (c,), 0.1, 2), 0.5)
        ignore = some(r, int(r.choice([r.integers(0, c), -1, -100, 255])), 0.5)
        if ignore is not None:
            target[r.random(target.shape) < 0.3] = ignore
        reduction = str(r.choice(["none", "sum", "mean"]))
        two = op.startswith("Soft") and r.random() < 0.5

        def run(*_):
            t = torch.tensor(np.asarray(x, "f8"))
            labels = torch.tensor(target.astype("i8"))
            w = None if weight is None else torch.tensor(np.asarray(weight, "f8"))
            f = torch.nn.functional.nll_loss if op.startswith("Neg") else torch.nn.functional.cross_entropy
            # Without an ignore_index torch has one of its own; no label is it.
            y = f(t, labels, w, ignore_index=-12345 if ignore is None else ignore, reduction=reduction)
            out = [np.asarray(y.numpy()).astype(dtype)]
            return out + ([np.asarray(torch.log_softmax(t, 1).numpy()).astype(dtype)] if two else [])
        limits = tolerance(dtype)
        return case(op, schema.since_version, trimmed(x, target, weight), {"reduction": reduction if reduction != "mean" or r.random() < 0.5 else None, "ignore_index": ignore}, outputs=2 if two else 1, oracle=run,
                    **limits)
    return make


def simplified_layer_normalization(r):
    """ONNX Runtime's operator in the default domain; the standard's RMSNormalization is the same."""
    dtype = np.dtype(r.choice(["f4", "f8", "f2"])) if r.random() < 0.8 else np.dtype(ml_dtypes.bfloat16)
    x = draw(r, dtype, shape(r, 1, 4, 6))
    axis, two = axis_of(r, x.ndim), r.random() < 0.4
    scale, epsilon = draw(r, dtype, x.shape[axis:]), some(r, float(np.float32(r.uniform(1e-6, 0.1))))

    def run(*_):
        v, axes = np.asarray(x, "f8"), tuple(range(axis % x.ndim, x.ndim))
        # Of rows without elements Samoyed's statistics are 0.
        inverse = 1 / np.sqrt(np.mean(v * v, axis=axes, keepdims=True) + (1e-5 if epsilon is None else epsilon)) if 0 not in x.shape[axis % x.ndim:] else np.zeros((*x.shape[:axis % x.ndim], *[1] * len(axes)))
        return [(v * inverse * np.asarray(scale, "f8")).astype(dtype)] + ([inverse.astype("f4")] if two else [])
    return case("SimplifiedLayerNormalization", int(r.choice([13, 17, 21])), [x, scale], {"axis": axis if axis != -1 or r.random() < 0.5 else None, "epsilon": epsilon, "stash_type": some(r, 1, 0.3)}, outputs=2 if two else 1, oracle=run)


def optimiser(op, state):
    def make(r):
        count = int(r.integers(1, 4))
        rates, dtype = np.dtype(r.choice(["f4", "f8"])), np.dtype(r.choice(["f4", "f8"]))
        rate, step = np.array(r.uniform(0.01, 1), rates).reshape(() if r.random() < 0.5 else (1,)), np.array(r.choice([0, 1, r.integers(2, 50)]), "i8").reshape(() if r.random() < 0.5 else (1,))
        shapes = [shape(r, 0, 3) for _ in range(count)]
        xs, gs = [draw(r, dtype, s) for s in shapes], [draw(r, dtype, s) for s in shapes]
        held = [[draw(r, dtype, s, 0 if name == "h" else -2, 2) for s in shapes] for name in state]
        of = lambda low, high, keep=0.7: some(r, float(np.float32(r.uniform(low, high))), keep)
        if op == "Momentum":
            a = {"alpha": of(0, 1, 1), "beta": of(0, 1, 1), "norm_coefficient": of(0, 0.5, 1), "mode": str(r.choice(["standard", "nesterov"]))}
        else:
            a = {"norm_coefficient": of(0, 0.5), "epsilon": of(1e-6, 1e-2)}
            a |= {"decay_factor": of(0, 0.5)} if op == "Adagrad" else {"alpha": of(0, 0.99), "beta": of(0, 0.99), "norm_coefficient_post": of(0, 0.5)}

        def one(x, g, *held):
            known = {k: v for k, v in a.items() if v is not None}
            lr, t = float(rate.ravel()[0]), int(step.ravel()[0])
            g = known.get("norm_coefficient", 0.0) * x + g
            if op == "Momentum":
                v = a["alpha"] * held[0] + (a["beta"] if t > 0 else 1) * g
                return x - lr * (g + a["alpha"] * v if a["mode"] == "nesterov" else v), v
            eps = known.get("epsilon", float(np.float32(1e-6)))
            if op == "Adagrad":
                h = held[0] + g * g
                return x - lr / (1 + t * known.get("decay_factor", 0.0)) * g / (np.sqrt(h) + eps), h
            alpha, beta = known.get("alpha", float(np.float32(0.9))), known.get("beta", float(np.float32(0.999)))
            v, h = alpha * held[0] + (1 - alpha) * g, beta * held[1] + (1 - beta) * g * g
            lr = lr * np.sqrt(1 - beta ** t) / (1 - alpha ** t) if t > 0 else lr
            return (1 - known.get("norm_coefficient_post", 0.0)) * (x - lr * v / (np.sqrt(h) + eps)), v, h

        def run(*_):
            made = [one(*[np.asarray(v, "f8") for v in row]) for row in zip(xs, gs, *held)]
            return [np.asarray(v).astype(dtype) for column in zip(*made) for v in column]
        # A rate of float rounds the step of double variables.
        limits = tolerance(np.float32 if np.float32 in (rates, dtype) else dtype)
        return case(op, 1, [rate, step, *xs, *gs, *[v for group in held for v in group]], a, domain=TRAINING, outputs=count * (1 + len(state)), oracle=run, **limits)
    return make


# Differentiable functions as operators and as torch's. Those of POSITIVE take inputs of the graph, which are in [0.5, 1.5].
UNARY = {"Neg": torch.neg, "Exp": torch.exp, "Tanh": torch.tanh, "Sigmoid": torch.sigmoid, "Sin": torch.sin, "Cos": torch.cos, "Abs": torch.abs, "Relu": torch.relu, "Identity": lambda v: v,
         "Softplus": torch.nn.functional.softplus, "Erf": torch.erf, "Flatten": lambda v: v.reshape(v.shape[0], -1),
         "LeakyRelu": F.leaky_relu, "Elu": F.elu, "Selu": F.selu, "Celu": F.celu, "HardSigmoid": lambda v: (0.2 * v + 0.5).clamp(0, 1), "HardSwish": F.hardswish, "Mish": F.mish, "Gelu": F.gelu,
         "Softsign": F.softsign, "ThresholdedRelu": lambda v: torch.where(v > 1, v, 0.0), "Shrink": lambda v: torch.where(v.abs() > 0.5, v, 0.0), "Tan": torch.tan, "Asin": torch.asin,
         "Acos": torch.acos, "Atan": torch.atan, "Sinh": torch.sinh, "Cosh": torch.cosh, "Asinh": torch.asinh, "Acosh": torch.acosh, "Atanh": torch.atanh}
POSITIVE = {"Log": torch.log, "Sqrt": torch.sqrt, "Reciprocal": torch.reciprocal}
BINARY = {"Add": torch.add, "Sub": torch.sub, "Mul": torch.mul, "Sum": torch.add, "Max": torch.maximum, "Min": torch.minimum, "Mean": lambda a, b: (a + b) / 2}
# Reductions of a value over axes.
REDUCTIONS = {"ReduceSum": torch.sum, "ReduceMean": torch.mean, "ReduceSumSquare": lambda v, *a, **k: torch.sum(v * v, *a, **k), "ReduceL1": lambda v, *a, **k: torch.sum(v.abs(), *a, **k),
              "ReduceL2": lambda v, *a, **k: torch.sqrt(torch.sum(v * v, *a, **k)), "ReduceLogSum": lambda v, *a, **k: torch.log(torch.sum(v, *a, **k)),
              "ReduceLogSumExp": lambda v, *a, **k: torch.log(torch.sum(torch.exp(v), *a, **k)), "ReduceMax": lambda v, *a, **k: torch.amax(v, *(a or (tuple(range(v.ndim)),)), **k),
              "ReduceMin": lambda v, *a, **k: torch.amin(v, *(a or (tuple(range(v.ndim)),)), **k), "ReduceProd": lambda v, *a, **k: torch.exp(torch.sum(torch.log(v), *a, **k))}


def moving_step(r, dtype, x, v, constant):
    """A step that reduces, normalises or moves the value `v` named `x`: an operator, its inputs, attributes, and torch's function."""
    rank = v.ndim
    axis = axis_of(r, rank)
    kind = str(r.choice([*REDUCTIONS, "CumSum", "Pad", "Trilu", "Compress", "Softmax", "LogSoftmax", "Transpose", "Slice", "Gather", "Concat", "Tile", "Unsqueeze", "Squeeze", "Reshape", "Expand", "Where", "GatherElements", "GatherND", "Cast"]))
    if kind.startswith("Reduce"):
        keep = bool(r.integers(2))
        f = REDUCTIONS[kind]
        if r.random() < 0.3:
            return kind, [x], {"keepdims": int(keep)}, lambda v: f(v).reshape((1,) * rank if keep else ())
        axes = [int(v) for v in r.permutation(rank)[:r.integers(1, rank + 1)]]
        return kind, [x, constant(np.array(axes, "i8"))], {"keepdims": int(keep)}, lambda v: f(v, axes, keepdim=keep)
    if kind == "CumSum":
        return kind, [x, constant(np.array(axis, "i8"))], {}, lambda v: torch.cumsum(v, axis)
    if kind == "Trilu":
        if rank < 2:
            return moving_step(r, dtype, x, v, constant)
        upper, k = int(r.integers(2)), int(r.integers(-1, 2))
        return kind, [x, constant(np.array(k, "i8"))], {"upper": upper}, lambda v: torch.triu(v, k) if upper else torch.tril(v, k)
    if kind == "Pad":
        before, after = ints(r, 0, 3, rank), ints(r, 0, 3, rank)
        value = dtype.type(r.choice([0, 1.5]))
        flat = [p for pair in zip(reversed(before), reversed(after)) for p in pair]
        return kind, [x, constant(np.array(before + after, "i8")), constant(value)], {}, lambda v: F.pad(v, flat, value=float(value))
    if kind == "Compress":
        keep = r.random(v.shape[axis]) < 0.7
        return kind, [x, constant(keep)], {"axis": axis}, lambda v: v.index_select(axis, torch.tensor(np.flatnonzero(keep)))
    if kind.endswith("Softmax"):
        return kind, [x], {"axis": axis}, lambda v: (torch.softmax if kind == "Softmax" else torch.log_softmax)(v, axis)
    if kind == "Transpose":
        order = [int(i) for i in r.permutation(rank)]
        return kind, [x], {"perm": order}, lambda v: v.permute(order)
    size = v.shape[axis]
    if kind == "Slice":
        start, step = int(r.integers(0, size)), int(r.integers(1, 3))
        return kind, [x, *[constant(np.array([i], "i8")) for i in (start, size, axis, step)]], {}, lambda v: v.index_select(axis, torch.arange(start, size, step))
    if kind == "Gather":
        at = r.integers(-size, size, int(r.integers(1, 4)))
        return kind, [x, constant(at)], {"axis": axis}, lambda v: v.index_select(axis, torch.tensor(at % size))
    if kind == "GatherND":
        at = np.stack([r.integers(0, d, 3) for d in v.shape[:r.integers(1, rank + 1)]], -1)
        return kind, [x, constant(at)], {}, lambda v: v[tuple(at.T)]
    if kind == "Cast":
        return kind, [x], {"to": int(element_type(np.empty(0, dtype)))}, lambda v: v
    if kind == "Squeeze":
        ones = [i for i, d in enumerate(v.shape) if d == 1]
        if r.random() < 0.3:
            return kind, [x], {}, lambda v: v.reshape([d for d in v.shape if d != 1])
        return kind, [x, constant(np.array(ones, "i8"))], {}, lambda v: v.squeeze(ones)
    if kind == "GatherElements":
        at = r.integers(0, size, tuple(v.shape))
        return kind, [x, constant(at)], {"axis": axis}, lambda v: torch.gather(v, axis, torch.tensor(at))
    if kind == "Concat":
        return kind, [x, x], {"axis": axis}, lambda v: torch.cat([v, v], axis)
    if kind == "Tile":
        times = ints(r, 1, 3, rank)
        return kind, [x, constant(np.array(times, "i8"))], {}, lambda v: v.repeat(*times)
    if kind == "Unsqueeze":
        at = axis_of(r, rank + 1)
        return kind, [x, constant(np.array([at], "i8"))], {}, lambda v: v.unsqueeze(at)
    if kind == "Reshape":
        return kind, [x, constant(np.array([-1, size], "i8"))], {}, lambda v: v.reshape(-1, size)
    if kind == "Expand":
        return kind, [x, constant(np.array([2, *v.shape], "i8"))], {}, lambda v: v.expand(2, *v.shape)
    mask = r.random(tuple(v.shape)) < 0.5
    return kind, [constant(mask), x, constant(np.array(0.5, dtype))], {}, lambda v: torch.where(torch.tensor(mask), v, 0.5)


def gradient(r):
    """A random graph over inputs that broadcast, and the Gradient of (the sum of) its last value. Now and then a second Gradient takes
    the first one's result as its y, or the node is given other values than those of the graph."""
    dtype = np.dtype(r.choice(["f4", "f8"]))
    full = shape(r, 0, 3, 3, empty=0)
    one = lambda: tuple(1 if r.random() < 0.3 else d for d in full[int(r.integers(0, len(full) + 1)) if r.random() < 0.3 else 0:])
    names = [f"x{i}" for i in range(r.integers(1, 4))]
    values = [draw(r, dtype, one(), 0.5, 1.5) for _ in names]
    steps, initializers = [], []

    def constant(value):
        initializers.append(numpy_helper.from_array(np.asarray(value), f"c{len(initializers)}"))
        return initializers[-1].name

    def evaluate(fed):
        held = dict(fed)
        for _, ins, _, f, name in steps:
            held[name] = f(*[held[i] for i in ins if i in held])
        return held
    given = {n: torch.tensor(np.asarray(v, "f8")) for n, v in zip(names, values)}
    for i in range(r.integers(1, 7)):
        held = evaluate(given)
        some_of = lambda count: [str(v) for v in r.choice(list(held), count)]
        kind = r.integers(6)
        if kind == 0:
            op = str(r.choice(list(POSITIVE)))
            step = op, [str(r.choice(names))], {}, POSITIVE[op]
        elif kind == 1:
            op, x = str(r.choice(list(UNARY))), some_of(1)
            step = op, x, {}, UNARY[op]
        elif kind == 2 and held[x := some_of(1)[0]].ndim:
            op, ins, attributes, f = moving_step(r, dtype, x, held[x], constant)
            step = op, ins, attributes, lambda *v, f=f: f(v[0])
        elif kind == 3:
            op = str(r.choice(["Div", "Pow", "Mod"]))
            step = (op, [*some_of(1), str(r.choice(names))], {"fmod": 1}, torch.fmod) if op == "Mod" else (op, [*some_of(1), str(r.choice(names))], {}, torch.div) if op == "Div" else (op, [str(r.choice(names)), *some_of(1)], {}, torch.pow)
        elif kind == 4 and [n for n in held if held[n].ndim]:
            product = r.random() < 0.5 or all(v.ndim != 2 for v in held.values())
            two = [n for n in held if held[n].ndim and (product or held[n].ndim == 2)]
            a, b = str(r.choice(two)), str(r.choice(two))
            op, ta, tb = "MatMul" if product else "Gemm", *ints(r, 0, 2, 2)
            alpha = float(r.choice([1, 0.5]))
            step = (op, [a, b], {}, torch.matmul) if op == "MatMul" else (op, [a, b], {"transA": ta, "transB": tb, "alpha": alpha}, lambda a, b, ta=ta, tb=tb, k=alpha: k * ((a.T if ta else a) @ (b.T if tb else b)))
        else:
            op = str(r.choice(list(BINARY)))
            step = op, some_of(2), {}, BINARY[op]
        try:  # operands that do not go together, and values out of hand, are left out
            steps.append((*step, f"h{i}"))
            v = evaluate(given)[f"h{i}"]
            fits = bool(torch.isfinite(v).all()) and v.numel() < 500 and float(v.abs().max()) < 50
        except (RuntimeError, IndexError):
            fits = False
        if not fits:
            steps.pop()
    if not steps:
        return gradient(r)
    y, used = steps[-1][-1], {steps[-1][-1]}
    for _, ins, _, _, name in reversed(steps):
        used |= set(ins) if name in used else set()
    independent = [n for n in names if n in used] or names[:1]
    xs = [n for n in independent if r.random() < 0.75] or independent[:1]
    zs = [n for n in independent if n not in xs]
    other, twice = r.random() < 0.2, r.random() < 0.2
    fed = values + ([draw(r, dtype, given[n].shape, 0.5, 1.5) for n in xs + zs] if other else [])

    def run(*fed):
        held = {n: torch.tensor(np.asarray(v, "f8"), requires_grad=True) for n, v in zip(names, fed)}
        at = held | {n: torch.tensor(np.asarray(v, "f8"), requires_grad=True) for n, v in zip(xs + zs, fed[len(names):])}

        def grads(of):
            if not of.requires_grad:
                return [torch.zeros_like(at[x]) for x in xs]
            return [torch.zeros_like(at[x]) if g is None else g for x, g in zip(xs, torch.autograd.grad(of.sum(), [at[x] for x in xs], create_graph=True, allow_unused=True))]
        first = grads(evaluate(at)[y])
        out = [evaluate(held)[y], *first, *(grads(first[0]) if twice and not other else [])]
        return [v.detach().numpy(force=True).astype(dtype) for v in out]
    nodes = [helper.make_node(op, ins, [name], **attributes) for op, ins, attributes, _, name in steps]
    attributes = {"xs": xs} | ({"zs": zs} if zs else {})
    nodes.append(helper.make_node("Gradient", [("at_" if other else "") + n for n in xs + zs], [f"d{x}" for x in xs], domain=TRAINING, y=y, **attributes))
    made = [y] + [f"d{x}" for x in xs]
    if twice and not other:
        nodes.append(helper.make_node("Gradient", xs + zs, [f"dd{x}" for x in xs], domain=TRAINING, y=f"d{xs[0]}", **attributes))
        made += [f"dd{x}" for x in xs]
    info = lambda n, dims=None: helper.make_tensor_value_info(n, element_type(np.empty(0, dtype)), dims)
    inputs = [info(n, v.shape) for n, v in zip(names + ([f"at_{n}" for n in xs + zs] if other else []), fed)]
    model = helper.make_model(helper.make_graph(nodes, "case", inputs, [info(n) for n in made], initializers), opset_imports=[helper.make_opsetid("", int(r.choice([18, 21]))), helper.make_opsetid(TRAINING, 1)], ir_version=10)
    rtol, atol = TOLERANCE[dtype.name]
    # Up to six steps of values below 50: terms of that size may cancel in a derivative.
    return Case("Gradient", fed, domain=TRAINING, version=1, model=model, oracle=run, rtol=rtol, atol=10 * atol)


GENERATORS = {"BlackmanWindow": window("BlackmanWindow", scipy.signal.windows.blackman),
              "HammingWindow": window("HammingWindow", lambda n, sym: scipy.signal.windows.general_hamming(n, 25 / 46, sym)),
              "HannWindow": window("HannWindow", scipy.signal.windows.hann), "DFT": dft, "STFT": stft, "Det": det, "MelWeightMatrix": mel,
              "NegativeLogLikelihoodLoss": loss("NegativeLogLikelihoodLoss"), "SoftmaxCrossEntropyLoss": loss("SoftmaxCrossEntropyLoss"), "SimplifiedLayerNormalization": simplified_layer_normalization,
              f"{TRAINING}.Adagrad": optimiser("Adagrad", "h"), f"{TRAINING}.Adam": optimiser("Adam", "vh"), f"{TRAINING}.Momentum": optimiser("Momentum", "v"), f"{TRAINING}.Gradient": gradient}
