"""Random cases for the elementwise operators, reductions and conversions of the default domain."""
import numpy as np
import onnx

from standard import axis_of, broadcast_shapes, case, dtype_of, draw, is_float, pick_type, schema_of, shape, types_of

# Operators where the ReferenceEvaluator departs from the standard's text and ONNX Runtime does not, and how.
BEFORE_13 = "before version 13 the input is flattened to two axes; it normalises over one axis in every version"
REFERENCE_DIFFERS = {
    "Softmax": BEFORE_13, "LogSoftmax": BEFORE_13, "Hardmax": BEFORE_13,
    "Cast": 'it takes the string "0" for true, as Python does, and writes booleans as Python does',
    "CastLike": 'it takes the string "0" for true, as Python does, and writes booleans as Python does',
}


def unary(op, low=-4, high=4, attributes=None, floor=0):
    def make(r):
        schema = schema_of(op, r)
        x = draw(r, pick_type(r, schema, schema.inputs[0].type_str), shape(r), low, high)
        made = case(op, schema.since_version, [x], attributes(r) if attributes else None)
        made.rtol, made.atol = max(made.rtol, floor), max(made.atol, floor)
        return made
    return make


def binary(op, low=-4, high=4, low2=None, first=7):
    def make(r):
        schema = schema_of(op, r, first)
        dtype = pick_type(r, schema)
        a, b = broadcast_shapes(r)
        return case(op, schema.since_version, [draw(r, dtype, a, low, high), draw(r, dtype, b, low if low2 is None else low2, high)])
    return make


def div(r):
    schema = schema_of("Div", r)
    dtype = pick_type(r, schema)
    a, b = broadcast_shapes(r)
    divisor = draw(r, dtype, b, 1, 5)
    return case("Div", schema.since_version, [draw(r, dtype, a, -40, 40), np.asarray(-divisor if dtype.kind == "i" and r.random() < 0.5 else divisor)])


def mod(r):
    schema = schema_of("Mod", r, 10)
    dtype = pick_type(r, schema)
    a, b = broadcast_shapes(r)
    divisor = draw(r, dtype, b, 1, 5)
    if not dtype.name.startswith("u") and r.random() < 0.5:
        divisor = np.asarray(-divisor)
    return case("Mod", schema.since_version, [draw(r, dtype, a, -40, 40), divisor], {"fmod": 1 if is_float(dtype) else int(r.integers(2))})


def pow_(r):
    schema = schema_of("Pow", r)
    dtype = pick_type(r, schema)
    exponent = dtype if schema.since_version < 12 or r.random() < 0.5 else pick_type(r, schema, "T1")
    a, b = broadcast_shapes(r)
    return case("Pow", schema.since_version, [draw(r, dtype, a, 1, 3), draw(r, exponent, b, 0 if not is_float(dtype) else -2, 3)])


def bit_shift(r):
    schema = schema_of("BitShift", r)
    dtype = pick_type(r, schema)
    a, b = broadcast_shapes(r)
    return case("BitShift", schema.since_version, [draw(r, dtype, a, 0, 100), draw(r, dtype, b, 0, 7)], {"direction": str(r.choice(["LEFT", "RIGHT"]))})


def variadic(op):
    def make(r):
        schema = schema_of(op, r, 8)
        dtype = pick_type(r, schema)
        shapes = broadcast_shapes(r, int(r.integers(1, 5)))
        # It rounds each addition of a Sum, Samoyed the result alone.
        return case(op, schema.since_version, [draw(r, dtype, s) for s in shapes], atol={"float16": 0.02, "bfloat16": 0.15}.get(dtype.name))
    return make


def clip(r):
    schema = schema_of("Clip", r, 6)
    v = schema.since_version
    dtype = pick_type(r, schema)
    x = draw(r, dtype, shape(r), -10, 10)
    if v < 11:
        return case("Clip", v, [x], {"min": -1.5 if r.random() < 0.7 else None, "max": 2.5 if r.random() < 0.7 else None})
    low = draw(r, dtype, (), -5, 3) if r.random() < 0.7 else None
    high = draw(r, dtype, (), 0, 8) if r.random() < 0.7 else None
    inputs = [x, low, high]
    while inputs[-1] is None:
        inputs.pop()
    return case("Clip", v, inputs, constants=(1, 2) if r.random() < 0.5 else ())


def where(r):
    schema = schema_of("Where", r, 9)
    dtype = pick_type(r, schema, also=("tensor(string)",))
    c, a, b = broadcast_shapes(r, 3)
    return case("Where", schema.since_version, [draw(r, bool, c), draw(r, dtype, a), draw(r, dtype, b)])


def prelu(r):
    schema = schema_of("PRelu", r)
    dtype = pick_type(r, schema)
    s = shape(r, 1, 4)
    slope = tuple(1 if r.random() < 0.3 else d for d in s[int(r.integers(len(s))):])
    return case("PRelu", schema.since_version, [draw(r, dtype, s), draw(r, dtype, slope)])


def special(op):
    def make(r):
        schema = schema_of(op, r, 9)
        dtype = pick_type(r, schema, "T1")
        x = draw(r, dtype, shape(r))
        x = np.where(r.random(x.shape) < 0.4, r.choice(np.array([np.nan, np.inf, -np.inf]), x.shape).astype(dtype), x)
        return case(op, schema.since_version, [x], {"detect_negative": int(r.integers(2)), "detect_positive": int(r.integers(2))} if op == "IsInf" else None)
    return make


def round_(r):
    schema = schema_of("Round", r)
    return case("Round", schema.since_version, [(draw(r, "i4", shape(r), -8, 8) / 2).astype(pick_type(r, schema))])


EVERY = ["tensor(float)", "tensor(double)", "tensor(float16)", "tensor(bfloat16)", "tensor(bool)"] + [f"tensor({u}int{n})" for u in ("", "u") for n in (8, 16, 32, 64)]


def cast(op):
    def make(r):
        schema = schema_of(op, r, 6 if op == "Cast" else 15)
        v = schema.since_version
        sources, targets = types_of(schema, "T1"), types_of(schema, "T2")
        source, target = dtype_of(r.choice(sources)), dtype_of(r.choice(targets))
        x = draw(r, source, shape(r), 0 if target.name.startswith("u") or "e8m0" in target.name else -4, 1 if source.name == "int2" else 5)  # what a type cannot hold is up to the implementation
        if target == bool and is_float(source):
            x = np.round(np.asarray(x, "f4")).astype(source)
        if source == object:
            x = r.choice(np.array(["0", "1", "3"] + (["-1.5", "2e1", "inf", "NaN"] if is_float(target) else []), object), x.shape)
        if "float8" in target.name and r.random() < 0.4 and source.name in ("float32", "float16"):
            x = (np.asarray(x) * 300).astype(source)
        saturate = int(r.integers(2)) if v >= 19 and "float8" in target.name and "e8m0" not in target.name else None
        exact = {"rtol": 0, "atol": 0}
        if op == "CastLike":
            return case(op, v, [x, draw(r, target, (1,), 0, 1)], {"saturate": saturate}, **exact)
        return case(op, v, [x], {"to": int(onnx.helper.np_dtype_to_tensor_dtype(target)), "saturate": saturate}, **exact)
    return make


def reduce_(op):
    def make(r):
        schema = schema_of(op, r, 1)
        v = schema.since_version
        dtype = pick_type(r, schema)
        if op == "ReduceLogSumExp" and not is_float(dtype):  # the reference truncates the exponentials of integers before it adds them
            dtype = np.dtype("f4")
        x = draw(r, dtype, shape(r, 1 if v < 18 else 0, 4, empty=0.05 if v >= 18 else 0), 1 if op in ("ReduceLogSum", "ReduceProd") else -3, 3)
        axes = sorted(r.permutation(x.ndim)[:r.integers(1, x.ndim + 1)].tolist()) if x.ndim and r.random() < 0.8 else None
        if axes and v >= 11:
            axes = [int(a - x.ndim if r.random() < 0.4 else a) for a in axes]
        keep = int(r.integers(2))
        if v < (13 if op == "ReduceSum" else 18):
            return case(op, v, [x], {"axes": axes, "keepdims": keep})
        noop = int(r.random() < 0.3)
        given = np.array(axes, "i8") if axes is not None else np.zeros(0, "i8") if r.random() < 0.3 else None
        return case(op, v, [x] + ([given] if given is not None else []), {"keepdims": keep, "noop_with_empty_axes": noop}, constants=(1,) if r.random() < 0.5 else ())
    return make


def arg(op):
    def make(r):
        schema = schema_of(op, r, 1)
        v = schema.since_version
        x = draw(r, pick_type(r, schema), shape(r, 1, 4, empty=0))
        return case(op, v, [x], {"axis": axis_of(r, x.ndim, v >= 11), "keepdims": int(r.integers(2)), "select_last_index": int(r.integers(2)) if v >= 12 else None}, rtol=0, atol=0)
    return make


def cumulative(op):
    def make(r):
        schema = schema_of(op, r, 11)
        x = draw(r, pick_type(r, schema), shape(r, 1, 4), -2, 2)
        return case(op, schema.since_version, [x, np.array(axis_of(r, x.ndim), r.choice(["i4", "i8"]))], {"exclusive": int(r.integers(2)), "reverse": int(r.integers(2))})
    return make


def softmax(op):
    def make(r):
        schema = schema_of(op, r, 1)
        dtype = pick_type(r, schema)
        if schema.since_version < 13 and dtype.name not in ("float32", "float64")[:1 if op == "Hardmax" else 2]:  # REFERENCE_DIFFERS: in the types that ONNX Runtime has
            dtype = np.dtype("f4")
        x = draw(r, dtype, shape(r, 1, 4, empty=0))
        return case(op, schema.since_version, [x], {"axis": axis_of(r, x.ndim, schema.since_version >= 11) if r.random() < 0.8 else None if x.ndim > 1 else 0})
    return make


number = lambda name, low, high: lambda r: {name: float(r.uniform(low, high))} if r.random() < 0.7 else {}
GENERATORS = {
    **{op: unary(op) for op in ("Abs", "Neg", "Ceil", "Floor", "Sign", "Exp", "Sigmoid", "Tanh", "Sin", "Cos", "Tan", "Atan", "Sinh", "Cosh", "Asinh", "Relu", "Softplus", "Softsign",
                                "Mish", "Not", "BitwiseNot", "Identity")},
    # The peers' erf of 4 is 1 in fp32 before it becomes an integer; their constants of HardSwish and Gelu have fp32's precision in fp64 too.
    "Erf": unary("Erf", -3, 3), "HardSwish": unary("HardSwish", floor=1e-6),
    **{op: unary(op, -0.9, 0.9) for op in ("Asin", "Acos", "Atanh")}, "Acosh": unary("Acosh", 1.1, 5), "Log": unary("Log", 0.1, 5), "Sqrt": unary("Sqrt", 0, 5), "Reciprocal": unary("Reciprocal", 0.3, 4),
    "Elu": unary("Elu", attributes=number("alpha", 0.1, 2)), "Celu": unary("Celu", attributes=number("alpha", 0.1, 2)), "LeakyRelu": unary("LeakyRelu", attributes=number("alpha", 0, 1)),
    "ThresholdedRelu": unary("ThresholdedRelu", attributes=number("alpha", 0, 2)), "Swish": unary("Swish", attributes=number("alpha", 0.5, 2)),
    "HardSigmoid": unary("HardSigmoid", attributes=lambda r: {"alpha": 0.3, "beta": 0.4} if r.random() < 0.6 else {}),
    "Selu": unary("Selu", attributes=lambda r: {"alpha": 1.5, "gamma": 1.2} if r.random() < 0.6 else {}),
    "Shrink": unary("Shrink", attributes=lambda r: {"lambd": float(r.uniform(0, 2)), "bias": float(r.uniform(0, 1))}),
    "Gelu": unary("Gelu", attributes=lambda r: {"approximate": str(r.choice(["none", "tanh"]))}, floor=1e-6), "Round": round_, "IsNaN": special("IsNaN"), "IsInf": special("IsInf"),
    **{op: binary(op) for op in ("Add", "Sub", "Mul", "Greater", "Less", "Equal", "And", "Or", "Xor", "BitwiseAnd", "BitwiseOr", "BitwiseXor")},
    **{op: binary(op, first=12) for op in ("GreaterOrEqual", "LessOrEqual")},
    "Div": div, "Mod": mod, "Pow": pow_, "BitShift": bit_shift, **{op: variadic(op) for op in ("Sum", "Mean", "Max", "Min")}, "Clip": clip, "Where": where, "PRelu": prelu,
    "Cast": cast("Cast"), "CastLike": cast("CastLike"),
    **{op: reduce_(op) for op in ("ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceSumSquare")},
    "ArgMax": arg("ArgMax"), "ArgMin": arg("ArgMin"), "CumSum": cumulative("CumSum"), "CumProd": cumulative("CumProd"), **{op: softmax(op) for op in ("Softmax", "LogSoftmax", "Hardmax")},
}
