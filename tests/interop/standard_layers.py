"""Random cases for the layers of the default domain: products, convolutions, pools, normalisations, quantisation, resizing, recurrence."""
import numpy as np

from standard import axis_of, case, dtype_of, draw, is_float, pick_type, schema_of, shape, types_of

LENGTHS = "it takes no notice of sequence_lens"
CEIL = "with ceil_mode it lays windows elsewhere: MaxPool's and LpPool's where there is padding, AveragePool's where there are dilations"
REFERENCE_DIFFERS = {
    "RNN": LENGTHS, "GRU": LENGTHS, "LSTM": LENGTHS, "MaxPool": CEIL, "AveragePool": CEIL, "LpPool": CEIL,
    "ConvTranspose": "it adds the first group's bias to every group",
    "GlobalMaxPool": "it reduces axes rank-2 and rank-1 whatever the rank: right for 4-D inputs only",
    "LRN": "it goes over as many channels as the batch has entries",
    "LpNormalization": "for p = 1 it adds the elements themselves, not their absolute values",
    "BatchNormalization": "at version 9 it normalises with the batch's own statistics mixed in by the momentum",
    "Resize": "of one output element, pytorch_half_pixel's coordinate is -0.5 to it, the standard says 0; up to version 18 it aligns corners of lengths that are no whole numbers",
}


def some(r, value, chance=0.6):
    return value if r.random() < chance else None


def trimmed(*inputs):
    inputs = list(inputs)
    while inputs[-1] is None:
        inputs.pop()
    return inputs


def ints(r, low, high, n):
    return [int(v) for v in r.integers(low, high, n)]


def matmul(r):
    schema = schema_of("MatMul", r, 1)
    dtype = pick_type(r, schema)
    m, k, n = ints(r, 1, 6, 3)
    batch = shape(r, 0, 2, 3, empty=0.02)
    one = lambda: tuple(1 if r.random() < 0.25 else d for d in batch[int(r.integers(0, len(batch) + 1)):])
    a, b = one() + (m, k), one() + (k, n)
    a, b = (a[-1:] if r.random() < 0.1 else a), ((k,) if r.random() < 0.1 else b)
    return case("MatMul", schema.since_version, [draw(r, dtype, a), draw(r, dtype, b)], atol={"float16": 0.05, "bfloat16": 0.5}.get(dtype.name))


def gemm(r):
    schema = schema_of("Gemm", r, 7)
    v, dtype = schema.since_version, pick_type(r, schema)
    m, k, n = ints(r, 1, 6, 3)
    ta, tb = ints(r, 0, 2, 2)
    c = draw(r, dtype, [(m, n), (n,), (m, 1), (1, n), (1,), ()][r.integers(6)]) if v < 11 or r.random() < 0.7 else None
    whole = not is_float(dtype)
    return case("Gemm", v, trimmed(draw(r, dtype, (k, m) if ta else (m, k)), draw(r, dtype, (n, k) if tb else (k, n)), c),
                {"transA": ta, "transB": tb, "alpha": 1.0 if whole else float(r.choice([1, 0.5])), "beta": 1.0 if whole else float(r.choice([1, 2]))},
                atol={"float16": 0.05, "bfloat16": 0.5}.get(dtype.name), constants=(1, 2) if r.random() < 0.5 else ())


def matmul_integer(r):
    m, k, n = ints(r, 1, 6, 3)
    a, b = draw(r, r.choice(["u1", "i1"]), (m, k), -100, 100), draw(r, r.choice(["u1", "i1"]), (k, n), -100, 100)
    return case("MatMulInteger", 10, trimmed(a, b, some(r, draw(r, a.dtype, ()), 0.7), some(r, draw(r, b.dtype, ()), 0.5)))


def window(r, rank, most=3):
    """Kernel, strides, dilations, pads and an input size that hold at least one window."""
    kernel, strides, dilations = ints(r, 1, most + 1, rank), ints(r, 1, 4, rank), ints(r, 1, 3, rank)
    pads = [int(r.integers(0, k)) for k in kernel * 2]
    return kernel, strides, dilations, pads, [(k - 1) * d + 1 + int(r.integers(0, 5)) for k, d in zip(kernel, dilations)]


def conv(op):
    def make(r):
        schema = schema_of(op, r, 1)
        v, dtype, rank = schema.since_version, pick_type(r, schema), int(r.integers(1, 4))
        kernel, strides, dilations, pads, size = window(r, rank)
        group = int(r.choice([1, 1, 2, 3]))
        c, m, n = group * int(r.integers(1, 4)), group * int(r.integers(1, 4)), int(r.integers(1, 3))
        auto = str(r.choice(["NOTSET", "NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"]))
        if op == "ConvTranspose":
            if auto.startswith("SAME"):  # kernels shorter than their stride would need negative padding, which the standard says nothing of
                strides = [min(a, b) for a, b in zip(strides, kernel)]
            if group > 1:  # REFERENCE_DIFFERS: in the type that ONNX Runtime has
                dtype = np.dtype("f4")
        if auto.startswith("SAME"):  # what is "same" of dilated windows the two peers see differently
            dilations = [1] * rank
        w = (m, c // group) if op == "Conv" else (c, m // group)
        attributes = {"kernel_shape": some(r, kernel), "strides": strides, "dilations": dilations, "group": group, "auto_pad": auto, "pads": pads if auto == "NOTSET" else None}
        if op == "ConvTranspose":
            attributes["output_padding"] = some(r, [int(r.integers(0, s)) for s in strides], 0.4) if auto == "NOTSET" else None
        return case(op, v, trimmed(draw(r, dtype, (n, c, *size), -2, 2), draw(r, dtype, w + tuple(kernel), -1, 1), some(r, draw(r, dtype, (m,)))), attributes,
                    atol={"float16": 0.05, "bfloat16": 0.4}.get(dtype.name, 1e-4), constants=(1, 2) if r.random() < 0.5 else ())
    return make


def pool(op):
    def make(r):
        schema = schema_of(op, r, {"LpPool": 2}.get(op, 1))
        v, rank = schema.since_version, int(r.integers(1, 4))
        kernel, strides, dilations, pads, size = window(r, rank)
        dtype = pick_type(r, schema)
        dilated = v >= {"MaxPool": 10, "AveragePool": 19, "LpPool": 18}[op]
        attributes = {"kernel_shape": kernel, "strides": strides, "pads": pads, "dilations": dilations if dilated else None}
        if v >= {"MaxPool": 10, "AveragePool": 10, "LpPool": 18}[op]:
            # REFERENCE_DIFFERS: in the type that ONNX Runtime has in every version.
            attributes["ceil_mode"] = int(r.random() < 0.4 and dtype == np.float32)
        if op == "MaxPool" and v == 1 and pads[:rank] != pads[rank:]:  # REFERENCE_DIFFERS: there it loses padding at the end
            dtype = np.dtype("f4")
        if op == "AveragePool" and v == 1:  # whether padding counts is not said before version 7
            attributes["pads"] = [0] * (2 * rank)
        if op == "AveragePool" and v >= 7:
            attributes["count_include_pad"] = int(r.integers(2))
        if op == "LpPool":
            attributes["p"] = int(r.integers(1, 4))
        return case(op, v, [draw(r, dtype, (*ints(r, 1, 4, 2), *size), 0 if op == "LpPool" else -4)], attributes)
    return make


def global_pool(op):
    def make(r):
        schema = schema_of(op, r, 1)
        dtype = pick_type(r, schema)
        s = shape(r, 3, 5, empty=0)
        return case(op, schema.since_version, [draw(r, dtype if len(s) == 4 else np.dtype("f4"), s)])
    return make


def batch_norm(r):
    schema = schema_of("BatchNormalization", r, 9)
    v = schema.since_version
    dtype = np.dtype(r.choice(["f4", "f8"]))
    s = shape(r, 2, 5, empty=0)
    c = s[1]
    return case("BatchNormalization", v, [draw(r, dtype, s), draw(r, dtype, c), draw(r, dtype, c), draw(r, dtype, c), draw(r, dtype, c, 0.2, 3)], {"epsilon": float(r.choice([1e-5, 1e-2]))})


def instance_norm(r):
    schema = schema_of("InstanceNormalization", r, 6)
    s = shape(r, 3, 5, empty=0)
    dtype = np.dtype(r.choice(["f4", "f8"]))
    return case("InstanceNormalization", schema.since_version, [draw(r, dtype, s), draw(r, dtype, s[1]), draw(r, dtype, s[1])], {"epsilon": 1e-2}, rtol=1e-4, atol=1e-4)


def layer_norm(op):
    def make(r):
        x = draw(r, r.choice(["f4", "f8"]), shape(r, 1, 4, 6, empty=0))
        axis = axis_of(r, x.ndim)
        tail = x.shape[axis:]
        inputs = [x, draw(r, x.dtype, tail)] + ([draw(r, x.dtype, tail)] if op == "LayerNormalization" and r.random() < 0.6 else [])
        return case(op, 17 if op == "LayerNormalization" else 23, inputs, {"axis": axis, "epsilon": float(r.choice([1e-5, 1e-2]))}, rtol=1e-3, atol=1e-4)
    return make


def group_norm(r):
    g = int(r.integers(1, 4))
    c = g * int(r.integers(1, 4))
    x = draw(r, r.choice(["f4", "f8"]), (2, c, *shape(r, 1, 3, empty=0)))
    return case("GroupNormalization", 21, [x, draw(r, x.dtype, c), draw(r, x.dtype, c)], {"num_groups": g, "epsilon": 1e-2}, rtol=1e-3, atol=1e-4)


def lrn(r):
    schema = schema_of("LRN", r, 1)
    return case("LRN", schema.since_version, [draw(r, "f4", (2, int(r.integers(2, 9)), *ints(r, 1, 4, 2)))], {"size": int(r.choice([1, 3, 5])), "alpha": 0.1, "beta": 0.6, "bias": 1.5})


def lp_norm(r):
    x = draw(r, r.choice(["f4", "f8"]), shape(r, 1, 4, empty=0))
    return case("LpNormalization", 1, [x], {"axis": axis_of(r, x.ndim), "p": int(r.integers(1, 3))})


def mean_variance(r):
    x = draw(r, "f4", shape(r, 4, 4, 5, empty=0))
    return case("MeanVarianceNormalization", int(r.choice([9, 13])), [x], {"axes": sorted(r.permutation(4)[:r.integers(1, 5)].tolist()) if r.random() < 0.6 else None}, rtol=1e-3, atol=1e-3)


def quantize(r):
    schema = schema_of("QuantizeLinear", r, 10)
    v = schema.since_version
    kind = dtype_of(r.choice(["tensor(uint8)", "tensor(int8)"] + (["tensor(uint16)", "tensor(int16)", "tensor(uint4)", "tensor(int4)"] if v >= 21 else [])))
    x = draw(r, "f4", shape(r, 1, 4, empty=0), -30, 30)
    axis = axis_of(r, x.ndim)
    per_axis = v >= 13 and r.random() < 0.5
    size = (x.shape[axis],) if per_axis else ()
    return case("QuantizeLinear", v, [x, np.asarray(r.uniform(0.05, 2, size), "f4"), draw(r, kind, size, -3, 3)], {"axis": axis} if per_axis else None, rtol=0, atol=0)


def dequantize(r):
    schema = schema_of("DequantizeLinear", r, 10)
    v = schema.since_version
    kind = dtype_of(r.choice(["tensor(uint8)", "tensor(int8)", "tensor(int32)"] + (["tensor(uint16)", "tensor(int16)", "tensor(uint4)", "tensor(int4)"] if v >= 21 else [])))
    x = draw(r, kind, shape(r, 1, 4, empty=0), -7, 7)
    axis = axis_of(r, x.ndim)
    per_axis = v >= 13 and r.random() < 0.5
    size = (x.shape[axis],) if per_axis else ()
    zero = np.zeros(size, kind) if kind == np.int32 else draw(r, kind, size, -3, 3)
    return case("DequantizeLinear", v, trimmed(x, np.asarray(r.uniform(0.05, 2, size), "f4"), some(r, zero, 0.7)), {"axis": axis} if per_axis else None, rtol=1e-5, atol=1e-6)


def resize(r):
    v = int(r.choice([11, 13, 18, 19]))
    rank = int(r.integers(1, 5))
    x = draw(r, "f4", tuple(ints(r, 2, 6, rank)))
    mode = str(r.choice(["nearest", "linear", "cubic"]))
    if mode == "cubic":  # over the last two axes, as the standard has it
        rank, x = 4, draw(r, "f4", (1, 2, *ints(r, 3, 7, 2)))
    scales = np.array([float(r.choice([0.5, 0.8, 1, 1.5, 2, 3])) for _ in range(rank)], "f4")
    scales[: max(0, rank - 2)] = 1
    attributes = {"mode": mode, "coordinate_transformation_mode": str(r.choice(["half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel"])),
                  "nearest_mode": str(r.choice(["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"])) if mode == "nearest" else None,
                  "cubic_coeff_a": some(r, -0.5) if mode == "cubic" else None, "exclude_outside": int(r.random() < 0.3) if mode == "cubic" else None,
                  "antialias": int(r.random() < 0.3) if v >= 18 and mode != "nearest" else None}
    if r.random() < 0.5:
        sizes = np.array([d if s == 1 else max(1, int(d * s)) for d, s in zip(x.shape, scales)], "i8")
        return case("Resize", v, [x, None if v >= 13 else np.zeros(0, "f4"), None if v >= 13 else np.zeros(0, "f4"), sizes], attributes, rtol=1e-3, atol=1e-4)
    return case("Resize", v, [x, None if v >= 13 else np.zeros(0, "f4"), scales], attributes, rtol=1e-3, atol=1e-4)


def einsum(r):
    a, b, c = ints(r, 1, 5, 3)
    sizes = {"i": a, "j": b, "k": c, "b": 2}
    text = str(r.choice(["ij,jk->ik", "bij,bjk->bik", "ij->ji", "ii->i", "ii", "ij->", "i,j->ij", "...ij,...jk->...ik", "bij,bij->b", "ij,kj->ik"]))
    terms = [t.strip() for t in text.split("->")[0].replace("...", "b").split(",")]
    return case("Einsum", 12, [draw(r, "f4", tuple(sizes[x] for x in t)) for t in terms], {"equation": text})


def recurrent(op):
    gates = {"RNN": 1, "GRU": 3, "LSTM": 4}[op]

    def make(r):
        steps, batch, width, hidden = ints(r, 1, 5, 4)
        direction = str(r.choice(["forward", "reverse", "bidirectional"]))
        d = 2 if direction == "bidirectional" else 1
        rows = gates * hidden
        lengths = some(r, np.array(r.integers(1, steps + 1, batch), "i4"), 0.3)
        inputs = trimmed(draw(r, "f4", (steps, batch, width)), draw(r, "f4", (d, rows, width), -1, 1), draw(r, "f4", (d, rows, hidden), -1, 1), some(r, draw(r, "f4", (d, 2 * rows), -1, 1)),
                         lengths, some(r, draw(r, "f4", (d, batch, hidden), -1, 1), 0.4))
        return case(op, int(r.choice([7, 14, 22])), inputs, {"hidden_size": hidden, "direction": direction, "linear_before_reset": int(r.integers(2)) if op == "GRU" else None},
                    outputs=3 if op == "LSTM" else 2)
    return make


GENERATORS = {"MatMul": matmul, "Gemm": gemm, "MatMulInteger": matmul_integer, "Conv": conv("Conv"), "ConvTranspose": conv("ConvTranspose"),
              **{op: pool(op) for op in ("MaxPool", "AveragePool", "LpPool")}, **{op: global_pool(op) for op in ("GlobalAveragePool", "GlobalMaxPool")},
              "BatchNormalization": batch_norm, "InstanceNormalization": instance_norm, "LayerNormalization": layer_norm("LayerNormalization"),
              "RMSNormalization": layer_norm("RMSNormalization"), "GroupNormalization": group_norm, "LRN": lrn, "LpNormalization": lp_norm, "MeanVarianceNormalization": mean_variance,
              "QuantizeLinear": quantize, "DequantizeLinear": dequantize, "Resize": resize, "Einsum": einsum, **{op: recurrent(op) for op in ("RNN", "GRU", "LSTM")}}
