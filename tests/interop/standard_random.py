"""Random cases for random numbers and Dropout of the default domain: what their outputs have to look like, by tests of statistics."""
import numpy as np
import scipy.stats

from property import element_type
from standard import case, draw, dtype_of, pick_type, schema_of, shape, types_of
from standard_layers import ints, some

REFERENCE_DIFFERS = {}
ORACLES = {}
# What a test rejects with less is wrong: some 3000 tests are made in a run.
UNLIKELY = 1e-9
NARROW = ("tensor(float8e4m3fn)", "tensor(float8e4m3fnuz)", "tensor(float8e5m2)", "tensor(float8e5m2fnuz)")


def wide(values):
    return np.asarray(values, "f8").ravel()


def unrelated(values):
    """None, or that neighbours go together: the correlation of n independent pairs is within 6 / sqrt(n)."""
    if len(values) > 50 and np.std(values) > 0 and abs(np.corrcoef(values[:-1], values[1:])[0, 1]) > 6 / np.sqrt(len(values)):
        return "neighbours are correlated"
    return None


def as_asked(value, dtype, dims):
    if value.dtype != dtype or value.shape != tuple(dims):
        return f"{value.dtype}{list(value.shape)} instead of {np.dtype(dtype)}{list(dims)}"
    return None


def seeded(r, whole=False):
    return None if r.random() < 0.4 else int(r.integers(0, 1000)) if whole else float(np.float32(r.uniform(-10, 1000)))


def many(r):
    """Mostly enough elements for statistics."""
    return tuple(ints(r, 20, 40, 2)) if r.random() < 0.7 else shape(r, 0, 3)


def continuous(op, normal, like):
    def make(r):
        schema = schema_of(op, r, 1)
        parameter = "T2" if like else "T"
        dtype, given = pick_type(r, schema, parameter), r.random() < 0.7
        dims = many(r)
        a, b = (float(np.float32(v)) for v in ((r.uniform(-5, 5), r.uniform(0.1, 4)) if normal else np.sort(r.uniform(-5, 5, 2))))
        defaults = r.random() < 0.2
        if defaults:
            a, b = (0.0, 1.0)
        attributes = {"seed": seeded(r)} | ({} if defaults else {"mean": a, "scale": b} if normal else {"low": a, "high": b})
        inputs = []
        if like:
            source = dtype if not given else dtype_of(r.choice([t for t in types_of(schema, "T1")]))
            inputs = [draw(r, source, dims)]
        else:
            attributes["shape"] = list(dims)
            dtype = dtype if given else np.dtype("f4")
        attributes["dtype"] = int(element_type(np.empty(0, dtype))) if given else None

        def check(outputs):
            values, wrong = wide(outputs[0]), as_asked(outputs[0], dtype, dims)
            if wrong or not values.size:
                return wrong
            # A rounded end of the interval may lie a rounding outside of it.
            slack = {"bfloat16": 2.0 ** -8, "float16": 2.0 ** -11}.get(dtype.name, 2.0 ** -24) * 5
            if not normal and not ((values >= a - slack) & (values <= b + slack)).all():
                return f"{values.min()} to {values.max()} is not in [{a}, {b}]"
            law = scipy.stats.norm(a, b) if normal else scipy.stats.uniform(a, b - a)
            # Types of 8 bits and fewer put up to a 128th of the numbers onto one value, which the test sees as a jump of that height.
            p = scipy.stats.kstest(values + np.random.default_rng(0).uniform(-0.5, 0.5, values.shape) * np.spacing(np.abs(values.astype("f4"))) * {"bfloat16": 2 ** 16, "float16": 2 ** 13}.get(dtype.name, 0), law.cdf).pvalue
            return f"not of this law: p = {p}" if p < UNLIKELY else unrelated(values)
        return case(op, schema.since_version, inputs, attributes, check=check, reproducible=attributes["seed"] is not None)
    return make


def bernoulli(r):
    schema = schema_of("Bernoulli", r, 15)
    dtype, out = pick_type(r, schema, "T1"), some(r, pick_type(r, schema, "T2"), 0.7)
    dims = many(r)
    p = draw(r, dtype, dims, 0, 1)
    p[r.random(dims) < 0.1] = 0
    p[r.random(dims) < 0.1] = 1
    seed = seeded(r)

    def check(outputs):
        values, odds, wrong = wide(outputs[0]), wide(p), as_asked(outputs[0], out or dtype, dims)
        if wrong:
            return wrong
        if not np.isin(values, (0, 1)).all() or values[odds == 0].any() or not values[odds == 1].all():
            return "something else than 0 and 1, or where they are certain another"
        for low in (0, 0.25, 0.5, 0.75):  # the number of ones among those of like odds
            which = (odds >= low) & (odds <= low + 0.25)
            if abs(values[which].sum() - odds[which].sum()) > 6 * np.sqrt((odds * (1 - odds))[which].sum()) + 1e-6:
                return f"{values[which].sum()} ones of an expected {odds[which].sum()}"
        return unrelated(values - odds)
    return case("Bernoulli", schema.since_version, [p], {"dtype": None if out is None else int(element_type(np.empty(0, out))), "seed": seed}, check=check, reproducible=seed is not None)


def multinomial(r):
    schema = schema_of("Multinomial", r, 7)
    dtype = pick_type(r, schema, "T1")
    out = some(r, np.dtype(r.choice(["i4", "i8"])), 0.7)
    batch, classes, count = int(r.integers(1, 4)), int(r.integers(1, 8)), int(r.choice([1, 5, 1000, 3000]))
    x = draw(r, dtype, (batch, classes), -3, 3)
    if classes > 2 and r.random() < 0.3:
        x[:, 0] = -np.inf
    seed = seeded(r)

    def check(outputs):
        wrong = as_asked(outputs[0], out or np.int32, (batch, count))
        if wrong:
            return wrong
        odds = np.exp(np.asarray(x, "f8"))
        odds /= odds.sum(1, keepdims=True)
        for row, p in zip(outputs[0], odds):
            if not ((row >= 0) & (row < classes)).all():
                return "no class"
            found = np.bincount(row, minlength=classes)
            if found[p == 0].any():
                return "an impossible class"
            if count >= 1000 and (p > 0).sum() > 1 and scipy.stats.chisquare(found[p > 0], p[p > 0] * count).pvalue < UNLIKELY:
                return f"{found} of expected {p * count}"
            if unrelated(row.astype("f8")):
                return unrelated(row.astype("f8"))
        return None
    return case("Multinomial", schema.since_version, [x], {"dtype": None if out is None else int(element_type(np.empty(0, out))), "seed": seed, "sample_size": count if count > 1 or r.random() < 0.5 else None}, check=check,
                reproducible=seed is not None)


def dropout(r):
    """Versions 1 and 6 say by is_test, those from 12 on by an input whether elements are dropped; 7 and 10 have nothing to say it by."""
    schema = schema_of("Dropout", r, 1)
    v = schema.since_version
    dtype = pick_type(r, schema, also=NARROW)
    x = draw(r, dtype, many(r))
    x[x == 0] = 1
    ratio, seed, two = some(r, float(np.float16(r.choice([0, 0.25, r.uniform(0, 0.95)]))), 0.7), None, r.random() < 0.6
    inputs, attributes, training = [x], {}, False
    if v >= 12:
        given = pick_type(r, schema, "T1", also=NARROW)
        ratio = 0.5 if ratio is not None and float(np.array(ratio, given)) >= 1 else ratio  # rounded up to what is no ratio
        at, seed = r.choice([None, False, True], p=[0.2, 0.2, 0.6]), seeded(r, True)
        inputs += [None if ratio is None else np.array(ratio, given), None if at is None else np.array(at)]
        ratio = None if ratio is None else float(inputs[1])
        while inputs[-1] is None:
            inputs.pop()
        training, attributes = bool(at), {"seed": seed}
    else:
        attributes = {"ratio": ratio}
        if v < 7:
            attributes["is_test"] = some(r, int(r.integers(2)), 0.8)
            training = not attributes["is_test"]
            two = two and training  # "if is_test is nonzero, this output is not filled"
    chance = 0.5 if ratio is None else ratio

    def check(outputs):
        y, mask = outputs[0], outputs[1] if two else None
        wrong = as_asked(y, dtype, x.shape) or (two and as_asked(mask, bool if v >= 10 else dtype, x.shape))
        if wrong:
            return wrong
        kept = wide(y) != 0
        if two and (wide(mask) != kept).any():
            return "the mask is not what was kept"
        if not training:
            return None if (y == x).all() else "dropped, though nobody asked for it"
        scaled = (wide(x)[kept] / (1 - chance)).astype(dtype).astype("f8")
        # In the type's own arithmetic 1 / (1 - ratio) and the product round, each once.
        if kept.any() and not np.allclose(wide(y)[kept], scaled, rtol={"bfloat16": 2.0 ** -6, "float16": 2.0 ** -9, "float64": 1e-12, "float32": 1e-6}.get(dtype.name, 2.0 ** -2), atol=0):
            return "what was kept is not scaled by 1 / (1 - ratio)"
        if abs((~kept).sum() - chance * kept.size) > 6 * np.sqrt(chance * (1 - chance) * kept.size):
            return f"{(~kept).sum()} of {kept.size} dropped with a ratio of {chance}"
        return unrelated(kept.astype("f8"))
    return case("Dropout", v, inputs, attributes, outputs=2 if two else 1, check=check, reproducible=not training or seed is not None)


GENERATORS = {"Bernoulli": bernoulli, "Multinomial": multinomial, "Dropout": dropout, "RandomNormal": continuous("RandomNormal", True, False), "RandomNormalLike": continuous("RandomNormalLike", True, True),
              "RandomUniform": continuous("RandomUniform", False, False), "RandomUniformLike": continuous("RandomUniformLike", False, True)}
