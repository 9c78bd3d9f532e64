"""Random cases for strings, constants, pictures and random numbers of the default domain."""
import io

import ml_dtypes
import numpy as np
import scipy.stats
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from property import Case, element_type, make_model
from standard import case, draw, dtype_of, onnx_runtime, pick_type, schema_of, shape, types_of
from standard_layers import ints, some

REFERENCE_DIFFERS = {}
ORACLES = {"RegexFullMatch": "ONNX Runtime, which calls RE2", "StringConcat": "Python's strings", "StringNormalizer": "Python's strings", "StringSplit": "Python's strings", "TfIdfVectorizer": "Python's dictionaries",
           "Constant": "the value itself", "ConstantOfShape": "numpy.full", "ImageDecoder": "Pillow"}
WORDS = ["", " ", "a", "b", "ab", "abc", "Abc", "ÄÖ", "straße", "日本", "x y", "  lead", "tail  ", "a,b,,c", ",", "--", "a--b", "😀", "é", "e\u0301", "Ωmega", "жук", "tab\tnew\nline"]


def words(r, dims, of=None):
    out = np.empty(dims, object)
    for i in np.ndindex(*dims):
        out[i] = str(r.choice(of or WORDS)) if r.random() < 0.8 else "".join(str(r.choice(of or WORDS)) for _ in range(r.integers(0, 4)))
    return out


def string_concat(r):
    full = shape(r)
    one = lambda: tuple(1 if r.random() < 0.25 else d for d in full[int(r.integers(0, len(full) + 1)) if r.random() < 0.3 else 0:])
    a, b = words(r, one()), words(r, one())
    return case("StringConcat", 20, [a, b], oracle=lambda *_: [np.asarray(np.add(a, b), object)], constants=(1,) if r.random() < 0.3 else ())


def string_split(r):
    x = words(r, shape(r, 0, 3))
    delimiter, most = some(r, str(r.choice(["", " ", ",", "--", "a", "b", "日", "ab", "  "])), 0.8), some(r, int(r.integers(0, 4)), 0.5)

    def run(*_):
        parts = [str(v).split(delimiter or None, -1 if most is None else most) for v in x.ravel()]
        longest = max(map(len, parts), default=0)
        flat = np.empty((len(parts), longest), object)
        for i, row in enumerate(parts):
            flat[i] = row + [""] * (longest - len(row))
        return [flat.reshape(*x.shape, longest), np.array([len(p) for p in parts], "i8").reshape(x.shape)]
    return case("StringSplit", 20, [x], {"delimiter": delimiter, "maxsplit": most}, outputs=2, oracle=run)


def string_normalizer(r):
    """Without letters whose other case is more than one ("ß"): what a locale does with those the standard leaves to it."""
    of = ["Monday", "monday", "MONDAY", "Tuesday", "ÄPFEL", "äpfel", "Ωμέγα", "ЖУК", "жук", "", "a b", "日本", "x1"]
    count = int(r.integers(1, 7))
    x = np.array([str(r.choice(of)) for _ in range(count)], object).reshape((count,) if r.random() < 0.6 else (1, count))
    stop, sensitive = some(r, [str(v) for v in r.choice(of, r.integers(1, 5))], 0.8), int(r.integers(2))
    action = str(r.choice(["NONE", "LOWER", "UPPER"]))

    def run(*_):
        key = (lambda v: v) if sensitive else str.lower
        gone = {key(v) for v in stop or []}
        kept = [{"NONE": str, "LOWER": str.lower, "UPPER": str.upper}[action](str(v)) for v in x.ravel() if key(str(v)) not in gone] or [""]
        return [np.array(kept, object).reshape((-1,) if x.ndim == 1 else (1, -1))]
    return case("StringNormalizer", 10, [x], {"stopwords": stop, "is_case_sensitive": sensitive if sensitive or r.random() < 0.5 else None,
                                              "case_change_action": action if action != "NONE" or r.random() < 0.5 else None, "locale": some(r, "en_US.UTF-8", 0.2)}, oracle=run)


def literal(r):
    c = str(r.choice(list("aabbcAB01_- é日ω😀")))
    return c, lambda r: c


CLASSES = [(".", "ab1 é日"), (r"\d", "0123456789"), (r"\D", "ab é"), (r"\w", "abz_09"), (r"\W", " -é."), (r"\s", " \t\n"), (r"\S", "a1é"), ("[abc]", "abc"), ("[^abc]", "xyz日 "), ("[a-c0-2]", "abc012"), ("[[:alpha:]]", "aZ"),
           ("[[:^digit:]_]", "a _"), ("[é-ω]", "éω"), (r"[\d\-x]", "5-x"), ("[]a]", "]a"), (r"[\w.]", "a."), ("[[:punct:]]", "!-"), ("[[:space:]]", " \t"), (r"\x41", "A"), (r"\x{65e5}", "日"), (r"\t", "\t"), (r"\.", "."), (r"\*", "*"),
           (r"\Qa.b\E", None), (r"\141", "a"), ("[^\\n]", "ab日")]
FLAGGED = [("(?i:{})", str.swapcase), ("(?s:{})", str), ("(?m:{})", str), ("(?U:{})", str), ("(?:{})", str), ("({})", str), ("(?P<name>{})", str), ("(?-i:{})", str)]


def pattern(r, depth=0):
    """A pattern of RE2's syntax, and a function that draws a text of which it is hoped that it matches. \\p{...} is not drawn: Samoyed
    says that it has no Unicode classes."""
    kind = r.integers(10)
    if depth > 3 or kind < 2:
        return literal(r)
    if kind < 4:
        text, chars = CLASSES[r.integers(len(CLASSES))]
        return text, (lambda r: str(r.choice(list(chars)))) if chars else (lambda r: "a.b")
    if kind < 6:
        parts = [pattern(r, depth + 1) for _ in range(r.integers(1, 4))]
        return "".join(p for p, _ in parts), lambda r: "".join(f(r) for _, f in parts)
    if kind == 6:
        parts = [pattern(r, depth + 1) for _ in range(r.integers(2, 4))]
        return "(?:" + "|".join(p for p, _ in parts) + ("|" if r.random() < 0.1 else "") + ")", lambda r: parts[r.integers(len(parts))][1](r)
    if kind == 7:
        text, change = FLAGGED[r.integers(len(FLAGGED))]
        text = text.replace("name", f"n{r.integers(1 << 30)}")  # names may not come twice
        p, f = pattern(r, depth + 1)
        return text.format(p) if "{}" in text else text, lambda r: change(f(r))
    if kind == 8 and depth:
        return str(r.choice(["^", "$", r"\b", r"\B", r"\A", r"\z"])), lambda r: ""
    p, f = pattern(r, depth + 1)
    if p in ("^", "$", r"\b", r"\B", r"\A", r"\z"):
        p = f"(?:{p})"
    low, more = int(r.integers(0, 4)), int(r.integers(0, 4))
    text, least, most = [("*", 0, 3), ("+", 1, 3), ("?", 0, 1), (f"{{{low}}}", low, low), (f"{{{low},}}", low, low + 2), (f"{{{low},{low + more}}}", low, low + more)][r.integers(6)]
    return f"(?:{p}){text}" + ("?" if r.random() < 0.2 else ""), lambda r: "".join(f(r) for _ in range(r.integers(least, most + 1)))


def regex_full_match(r):
    text, one = pattern(r)
    x = np.empty(shape(r, 0, 2, 6), object)
    for i in np.ndindex(*x.shape):
        kind = r.integers(5)
        s = one(r) if kind else str(r.choice(WORDS))
        if kind == 1 and s:
            at = int(r.integers(len(s)))
            s = s[:at] + s[at + 1:] if r.random() < 0.5 else s[:at] + str(r.choice(list("ab1 \né"))) + s[at:]
        x[i] = s
    made = case("RegexFullMatch", 20, [x], {"pattern": text})
    made.oracle = lambda *_: onnx_runtime(make_model(made), {"x0": x})
    return made


def tfidf(r):
    """Weights go by output place, as both peers have it: its text speaks of the i-th n-gram of the pool, which is another one where
    ngram_indexes is not in order."""
    kind = str(r.choice(["i4", "i8", "str"]))
    vocabulary = [str(v) for v in "a b c dd é".split()] if kind == "str" else [int(v) for v in (0, 1, 2, 7, -3)]
    longest = int(r.integers(1, 4))
    pools = []
    for n in range(1, longest + 1):
        grams = {tuple(vocabulary[i] for i in r.integers(0, len(vocabulary), n)) for _ in range(r.integers(0, 5))}
        pools.append(sorted(grams))
    if not any(pools):
        pools[0] = [(vocabulary[0],)]
    counts, items = [], []
    for grams in pools:
        counts.append(len(items))
        items += [v for g in grams for v in g]
    grams = [g for p in pools for g in p]
    places = [int(v) for v in r.permutation(len(grams))] if r.random() < 0.5 else list(range(len(grams)))
    least = int(r.integers(1, longest + 1))
    most, skips, mode = int(r.integers(least, longest + 1)), int(r.integers(0, 4)), str(r.choice(["TF", "IDF", "TFIDF"]))
    weights = some(r, [float(np.float32(v)) for v in r.uniform(0.1, 2, len(grams))], 0.6)
    dims = (int(r.integers(1, 10)),) if r.random() < 0.5 else tuple(ints(r, 1, 8, 2))
    x = r.choice(np.array(vocabulary, object), dims)
    x = np.asarray(x, object if kind == "str" else kind)

    def run(*_):
        rows = []
        for row in x.reshape(1, -1) if x.ndim == 1 else x:
            found = np.zeros(max(places) + 1)
            known = dict(zip(grams, places))
            for n in range(least, most + 1):
                for step in range(1, skips + 2 if n > 1 else 2):
                    for begin in range(len(row) - (n - 1) * step):
                        gram = tuple(row[begin:begin + (n - 1) * step + 1:step]) if n > 1 else (row[begin],)
                        if gram in known:
                            found[known[gram]] += 1
            if mode == "IDF":
                found = (found > 0).astype("f8")
            rows.append(found * (weights if weights is not None and mode != "TF" else 1))
        return [np.asarray(rows, "f4")[0] if x.ndim == 1 else np.asarray(rows, "f4")]
    return case("TfIdfVectorizer", 9, [x], {"mode": mode, "ngram_counts": counts, "ngram_indexes": places, ("pool_strings" if kind == "str" else "pool_int64s"): items, "weights": weights, "min_gram_length": least,
                                            "max_gram_length": most, "max_skip_count": skips}, rtol=1e-6, atol=0, oracle=run)


def any_values(r, text, dims):
    """Values of any type that a schema names, "tensor(complex64)" and the narrow ones too."""
    dtype = dtype_of(text)
    if dtype.kind == "c":
        return (draw(r, np.dtype("f8"), dims) + 1j * draw(r, np.dtype("f8"), dims)).astype(dtype)
    if "e8m0" in text:
        return np.exp2(r.integers(-9, 9, dims)).astype(dtype)
    least = {"int2": -2}.get(dtype.name, -4)
    return draw(r, dtype, dims, least, {"int2": 1, "uint2": 3}.get(dtype.name, 4))


def tensor_of(r, value):
    """A TensorProto that holds the values as raw bytes or in the field of their type."""
    if r.random() < 0.5 or value.dtype.kind in "Oc" or hasattr(ml_dtypes, value.dtype.name):
        return numpy_helper.from_array(value)
    return helper.make_tensor("", element_type(value), value.shape, value.ravel().tolist())


def constant(r):
    schema = schema_of("Constant", r, 1)
    kinds = [k for k in schema.attributes if k.startswith("value") or k.startswith("sparse")]
    kind = str(r.choice(kinds))
    value = any_values(r, str(r.choice([t for s in schema.type_constraints for t in s.allowed_type_strs])), shape(r, 0, 3))
    if kind == "value":
        given = tensor_of(r, value)
    elif kind == "sparse_value":
        value = draw(r, np.dtype(r.choice(["f4", "f8", "i4", "i8", "u1"])), shape(r, 1, 3, empty=0))
        value[r.random(value.shape) < 0.6] = 0
        at = np.argwhere(value != 0).astype("i8")
        held = value[tuple(at.T)]
        if value.ndim == 1 or r.random() < 0.5:
            at = np.ravel_multi_index(tuple(at.T), value.shape).astype("i8")
        given = helper.make_sparse_tensor(numpy_helper.from_array(held, "held"), numpy_helper.from_array(at, "at"), list(value.shape))
    else:
        one = {"value_int": lambda: int(r.integers(-9, 9)), "value_float": lambda: float(np.float32(r.normal())), "value_string": lambda: str(r.choice(WORDS))}[kind.rstrip("s")]
        given = [one() for _ in range(r.integers(1, 5))] if kind.endswith("s") else one()
        value = np.array(given, {"i": "i8", "f": "f4", "s": object}[kind[6]])
    return case("Constant", schema.since_version, [], {kind: given}, oracle=lambda: [value])


def constant_of_shape(r):
    schema = schema_of("ConstantOfShape", r, 9)
    dims = np.array(shape(r, 0, 4, empty=0.15), "i8")
    value = any_values(r, str(r.choice(types_of(schema, "T2"))), (1,)) if r.random() < 0.85 else None
    filled = np.zeros(dims, "f4") if value is None else np.full(dims, value[0], value.dtype)
    return case("ConstantOfShape", schema.since_version, [dims], {"value": None if value is None else tensor_of(r, value)}, rtol=0, atol=0, oracle=lambda *_: [filled], constants=(0,) if r.random() < 0.4 else ())


def image_decoder(r):
    """Not JPEG 2000, for which Samoyed has no decoder. Of files that cannot be decoded the standard wants an empty matrix."""
    h, w = ints(r, 1, 40, 2)
    mode = str(r.choice(["RGB", "RGB", "L"]))
    smooth = Image.fromarray(r.integers(0, 256, (4, 4, 3)).astype("u1")).resize((w, h), Image.Resampling.BICUBIC)
    noise = Image.fromarray(r.integers(0, 256, (h, w, 3)).astype("u1"))
    picture = (smooth if r.random() < 0.5 else noise).convert(mode)
    name, how = [("PNG", {}), ("BMP", {}), ("JPEG", {"quality": int(r.integers(30, 100)), "subsampling": int(r.integers(3))}), ("JPEG", {"progressive": True}), ("TIFF", {"compression": str(r.choice(["raw", "tiff_lzw", "tiff_adobe_deflate", "packbits"]))}),
                 ("WEBP", {"lossless": bool(r.integers(2))}), ("PPM", {})][r.integers(7)]
    file = io.BytesIO()
    picture.save(file, name, **how)
    data = file.getvalue()
    pixels = str(r.choice(["RGB", "BGR", "Grayscale"]))

    def run(*_):
        shown = Image.open(io.BytesIO(data))
        out = np.asarray(shown.convert("L"))[..., None] if pixels == "Grayscale" else np.asarray(shown.convert("RGB"))
        return [np.ascontiguousarray(out[..., ::-1] if pixels == "BGR" else out)]
    return case("ImageDecoder", 20, [np.frombuffer(data, "u1")], {"pixel_format": pixels if pixels != "RGB" or r.random() < 0.5 else None}, rtol=0, atol=0, oracle=run)


# Random numbers: what a test of 1e-9 rejects is wrong, for some 3000 of them are made in a run.
UNLIKELY = 1e-9


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
    dtype = pick_type(r, schema)
    x = draw(r, dtype, many(r))
    x[x == 0] = 1
    ratio, seed, two = some(r, float(np.float16(r.choice([0, 0.25, r.uniform(0, 0.95)]))), 0.7), None, r.random() < 0.6
    inputs, attributes, training = [x], {}, False
    if v >= 12:
        given = pick_type(r, schema, "T1")
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
        if kept.any() and not np.allclose(wide(y)[kept], scaled, rtol={"bfloat16": 2.0 ** -6, "float16": 2.0 ** -9, "float64": 1e-12}.get(dtype.name, 1e-6), atol=0):
            return "what was kept is not scaled by 1 / (1 - ratio)"
        if abs((~kept).sum() - chance * kept.size) > 6 * np.sqrt(chance * (1 - chance) * kept.size):
            return f"{(~kept).sum()} of {kept.size} dropped with a ratio of {chance}"
        return unrelated(kept.astype("f8"))
    return case("Dropout", v, inputs, attributes, outputs=2 if two else 1, check=check, reproducible=not training or seed is not None)


GENERATORS = {"StringConcat": string_concat, "StringSplit": string_split, "StringNormalizer": string_normalizer, "RegexFullMatch": regex_full_match, "TfIdfVectorizer": tfidf, "Constant": constant,
              "ConstantOfShape": constant_of_shape, "ImageDecoder": image_decoder, "Bernoulli": bernoulli, "Multinomial": multinomial, "Dropout": dropout,
              "RandomNormal": continuous("RandomNormal", True, False), "RandomNormalLike": continuous("RandomNormalLike", True, True),
              "RandomUniform": continuous("RandomUniform", False, False), "RandomUniformLike": continuous("RandomUniformLike", False, True)}
