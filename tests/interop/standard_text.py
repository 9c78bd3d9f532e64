"""Random cases for strings, constants and pictures of the default domain."""
import io
import os

import ml_dtypes
import numpy as np
from onnx import helper, numpy_helper
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
    """The ReferenceEvaluator, which calls Python, refuses a scalar; ONNX Runtime finds no part in an empty string, whatever the delimiter."""
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
    """The ReferenceEvaluator takes accents away, and ONNX Runtime needs a locale that a machine may not have.

    Without letters whose other case is more than one ("ß"): what a locale does with those the standard leaves to it."""
    of = ["Monday", "monday", "MONDAY", "Tuesday", "ÄPFEL", "äpfel", "Ωμέγα", "ЖУК", "жук", "", "a b", "日本", "x1", "ᏣᎳᎩ", "ꮳꮃꭹ", "ǅep", "ǆEP", "𐐀𐐨"]
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
    c = str(r.choice(list("aabbcABks01_- é日ως😀\u212A\u017F")))
    return c, lambda r: c


CLASSES = [(".", "ab1 é日"), (r"\d", "0123456789"), (r"\D", "ab é"), (r"\w", "abz_09"), (r"\W", " -é."), (r"\s", " \t\n"), (r"\S", "a1é"), ("[abc]", "abc"), ("[^abc]", "xyz日 "), ("[a-c0-2]", "abc012"), ("[[:alpha:]]", "aZ"),
           ("[[:^digit:]_]", "a _"), ("[é-ω]", "éω"), (r"[\d\-x]", "5-x"), ("[]a]", "]a"), (r"[\w.]", "a."), ("[[:punct:]]", "!-"), ("[[:space:]]", " \t"), (r"\x41", "A"), (r"\x{65e5}", "日"), (r"\t", "\t"), (r"\.", "."), (r"\*", "*"),
           (r"\pL", "aé日"), (r"\PL", "1 -"), (r"\p{Lu}", "AΩ"), (r"\p{^Lu}", "a1"), (r"\p{Greek}", "ωΩ"), (r"\P{Han}", "aω"), (r"[\pN\p{Cyrillic}]", "1ж"), (r"[^\p{Ll}\PL]", "A日"),
           (r"\Qa.b\E", None), (r"\141", "a"), ("[^\\n]", "ab日")]
FLAGGED = [("(?i:{})", str.swapcase), ("(?s:{})", str), ("(?m:{})", str), ("(?U:{})", str), ("(?:{})", str), ("({})", str), ("(?P<name>{})", str), ("(?-i:{})", str)]


def pattern(r, depth=0):
    """A pattern of RE2's syntax, and a function that draws a text of which it is hoped that it matches."""
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


PIECES = list("ab1é(){}[]|*+?.^$-,:\\") + ["(?i)", "(?s)", "(?m)", "(?:", "(?-s)", "(?im-s:", "[^", "[[:", ":]]", "\\d", "\\b", "{2}", "{1,}", "{,2}", "\\pN", "\\P{Greek}", "\\x", "\\0", "\\Q", "\\E", "\\E", "\\Qa", "alpha", "\n"]


def re2(pattern_, x):
    """Whether the strings match; without what RE2 prints of patterns that it refuses."""
    made = case("RegexFullMatch", 20, [x], {"pattern": pattern_})
    held = os.dup(2)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        return onnx_runtime(make_model(made), {"x0": x})
    finally:
        os.dup2(held, 2)
        os.close(held)


def regex_full_match(r):
    text, one = pattern(r)
    x = np.empty(shape(r, 0, 2, 6), object)
    pile = r.random() < 0.3  # pieces of syntax on a heap, as soon as RE2 accepts one
    for i in np.ndindex(*x.shape):
        kind = r.integers(5)
        s = "".join(str(v) for v in r.choice(list("ab1é\n-({^,:") + ["alpha"], r.integers(0, 4))) if pile else one(r) if kind else str(r.choice(WORDS))
        if kind == 1 and s:
            at = int(r.integers(len(s)))
            s = s[:at] + s[at + 1:] if r.random() < 0.5 else s[:at] + str(r.choice(list("ab1 \né"))) + s[at:]
        x[i] = s
    while True:
        if pile:
            text = "".join(str(v) for v in r.choice(PIECES, r.integers(1, 7)))
        try:
            matches = re2(text, x)
            return case("RegexFullMatch", 20, [x], {"pattern": text}, oracle=lambda *_: matches)
        except Exception:  # no valid pattern
            if not pile:
                raise


def tfidf(r):
    """The ReferenceEvaluator weighs by output place; the standard's text, and ONNX Runtime, by the number of the n-gram in the pool."""
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
            found = np.zeros(len(grams))
            known = {g: i for i, g in enumerate(grams)}
            for n in range(least, most + 1):
                for step in range(1, skips + 2 if n > 1 else 2):
                    for begin in range(len(row) - (n - 1) * step):
                        gram = tuple(row[begin:begin + (n - 1) * step + 1:step]) if n > 1 else (row[begin],)
                        if gram in known:
                            found[known[gram]] += 1
            if mode == "IDF":
                found = (found > 0).astype("f8")
            found = found * (weights if weights is not None and mode != "TF" else 1)
            rows.append([found[places.index(k)] for k in range(len(grams))])
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


# Formats by the modes of pictures that Pillow writes in them, and how.
FORMATS = [("PNG", ("RGB", "L", "RGBA", "LA", "P", "1", "I;16"), lambda r: {}), ("BMP", ("RGB", "L", "P", "1"), lambda r: {}),
           ("JPEG", ("RGB", "L", "CMYK"), lambda r: {"quality": int(r.integers(30, 100)), "subsampling": int(r.integers(3)), "progressive": bool(r.integers(2))}),
           ("TIFF", ("RGB", "L", "RGBA", "LA", "P", "1"), lambda r: {"compression": str(r.choice(["raw", "tiff_lzw", "tiff_adobe_deflate", "tiff_deflate", "packbits"])), "tiffinfo": {317: int(r.integers(1, 3))}}),
           ("WEBP", ("RGB", "RGBA"), lambda r: {"lossless": bool(r.integers(2))}), ("PPM", ("RGB", "L", "1"), lambda r: {}),
           ("JPEG2000", ("RGB", "L"), lambda r: {"irreversible": bool(r.integers(2)), "no_jp2": bool(r.integers(2))})]


def image_decoder(r):
    """Grey of pictures with colours is that of their RGB, as the standard has no other pixels (of CMYK Pillow makes another grey)."""
    h, w = ints(r, 1, 40, 2)
    smooth = Image.fromarray(r.integers(0, 256, (4, 4, 3)).astype("u1")).resize((w, h), Image.Resampling.BICUBIC)
    noise = Image.fromarray(r.integers(0, 256, (h, w, 3)).astype("u1"))
    name, modes, how = FORMATS[r.integers(len(FORMATS))]
    mode = str(r.choice(modes))
    picture = smooth if r.random() < 0.5 else noise
    picture = Image.fromarray(r.integers(0, 65536, (h, w)).astype("u2")) if mode == "I;16" else picture.convert("L").convert("LA") if mode == "LA" else picture.convert(mode)
    how = how(r)
    if mode == "1" and name == "TIFF":  # differences are of whole bytes
        del how["tiffinfo"]
    file = io.BytesIO()
    picture.save(file, name, **how)
    data = file.getvalue()
    pixels = str(r.choice(["RGB", "BGR", "Grayscale"]))

    def run(*_):
        shown = Image.open(io.BytesIO(data))
        out = np.asarray(shown.convert("RGB").convert("L"))[..., None] if pixels == "Grayscale" else np.asarray(shown.convert("RGB"))
        return [np.ascontiguousarray(out[..., ::-1] if pixels == "BGR" else out)]
    return case("ImageDecoder", 20, [np.frombuffer(data, "u1")], {"pixel_format": pixels if pixels != "RGB" or r.random() < 0.5 else None}, rtol=0, atol=0, oracle=run)


GENERATORS = {"StringConcat": string_concat, "StringSplit": string_split, "StringNormalizer": string_normalizer, "RegexFullMatch": regex_full_match, "TfIdfVectorizer": tfidf, "Constant": constant,
              "ConstantOfShape": constant_of_shape, "ImageDecoder": image_decoder}
