#!/usr/bin/env python3
"""The operators of ai.onnx.ml on random cases against ONNX Runtime.

    tests/interop/ml_operators.py --samoyed build/release/bin/samoyed --work build/interop/ml [--only OP...] [--cases N] [--seed S]

Where ONNX Runtime contradicts the standard's text the cases stay away, and Samoyed does what the text says:
- LabelEncoder 2 does not find NaN among its keys;
- LinearClassifier and TreeEnsembleClassifier leave the second column of a probit unwritten where two classes have one score;
- TreeEnsembleClassifier of two classes that both get votes says 0 or 1 instead of a class label, and takes two base_values for one;
- SVMClassifier without support vectors calls the second of two classes whenever any score is positive;
- TreeEnsembleRegressor leaves base_values out where a target of several got no vote;
- TreeEnsemble takes post_transform 1 for LOGISTIC and 2 for SOFTMAX, and rounds features to integers where it tests membership;
- a float probit near one half has few correct digits: those cases have wider tolerances.
"""
import sys

import numpy as np
from onnx import numpy_helper

from property import Case, main

ML = "ai.onnx.ml"
WORDS = ["amy", "sally", "", "zoë", "x y", "Ärger", "1", "2"]
TRANSFORMS = ["NONE", "NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"]


def ml(op, inputs, attributes, version=1, outputs=1, **more):
    return Case(op, inputs, {k: v for k, v in attributes.items() if v is not None}, ML, version, outputs, **more)


def numbers(r, shape, kinds="fdil", nan=0.0):
    kind = r.choice(list(kinds))
    if kind in "il":
        return r.integers(-6, 7, shape).astype({"i": "i4", "l": "i8"}[kind])
    x = r.standard_normal(shape).astype({"f": "f4", "d": "f8"}[kind]) * r.choice([0.3, 1, 3])
    x = np.where(r.random(shape) < nan, np.nan, x)
    return x.astype({"f": "f4", "d": "f8"}[kind])


def tolerance(transform):
    return {"rtol": 0.05, "atol": 2e-3} if transform == "PROBIT" else {"rtol": 1e-4, "atol": 1e-5}


def rows(r, features, kinds="fdil", nan=0.0):
    n = r.choice([1, 2, 5, 17])
    return numbers(r, (n, features), kinds, nan)


def floats(r, n, scale=1.0):
    return [float(v) for v in (r.standard_normal(n) * scale).astype("f4")]


def labels(r, n, ints="classlabels_int64s", strings="classlabels_strings"):
    if r.random() < 0.5:
        return {ints: [int(v) for v in r.permutation(50)[:n]]}
    return {strings: [f"c{v}" for v in r.permutation(50)[:n]]}


def array_feature_extractor(r):
    shape = tuple(r.integers(1, 5, r.integers(1, 4)))
    x = numbers(r, shape) if r.random() < 0.8 else r.choice(WORDS, shape)
    y = r.integers(0, shape[-1], r.choice([1, 2, 4])).astype("i8")
    return ml("ArrayFeatureExtractor", [x, y[None] if r.random() < 0.3 else y], {})


def binarizer(r):
    return ml("Binarizer", [numbers(r, tuple(r.integers(1, 5, r.integers(1, 4))), "f")], {"threshold": float(r.choice([0, 0.5, -1]))})


def cast_map(r):
    keys = sorted(int(k) for k in r.permutation(8)[:r.integers(1, 5)])
    x = {k: float(np.float32(r.normal())) for k in keys} if r.random() < 0.5 else {k: str(r.integers(-50, 50)) for k in keys}
    x = {k: np.float32(v) if isinstance(v, float) else v for k, v in x.items()}
    to = r.choice(["TO_FLOAT", "TO_INT64", "TO_STRING"])
    return ml("CastMap", [x], {"cast_to": str(to), "map_form": str(r.choice(["DENSE", "SPARSE"])), "max_map": int(r.integers(3, 10))})


def category_mapper(r):
    n = r.integers(1, 5)
    words, ids = [str(w) for w in r.permutation(WORDS)[:n]], [int(v) for v in r.permutation(9)[:n]]
    x = r.choice(WORDS, r.integers(1, 6)) if r.random() < 0.5 else r.integers(0, 9, r.integers(1, 6))
    return ml("CategoryMapper", [x], {"cats_strings": words, "cats_int64s": ids, "default_int64": 77, "default_string": "?"})


def dict_vectorizer(r):
    strings = r.random() < 0.5
    vocabulary = [str(w) for w in r.permutation(WORDS)] if strings else [int(v) for v in r.permutation(9)]
    keys = r.permutation(len(vocabulary))[:r.integers(1, 5)]
    make = lambda: np.float32(r.normal())  # what ONNX Runtime makes of Python's numbers; type_table.py has the other types
    values = {vocabulary[k]: make() for k in sorted(keys)}
    return ml("DictVectorizer", [values], {"string_vocabulary" if strings else "int64_vocabulary": vocabulary})


def feature_vectorizer(r):
    n, kind = r.choice([1, 3]), r.choice(list("fdil"))
    widths = r.integers(1, 5, r.integers(1, 4))
    return ml("FeatureVectorizer", [numbers(r, (n, w), kind) for w in widths],
              {"inputdimensions": [int(max(1, w + r.choice([0, 0, 0, 1, -1]))) for w in widths]})


def imputer(r):
    f = int(r.integers(1, 5))
    if r.random() < 0.3:
        return ml("Imputer", [r.integers(-2, 3, (4, f))], {"imputed_value_int64s": [int(v) for v in r.integers(50, 99, r.choice([1, f]))],
                                                           "replaced_value_int64": int(r.integers(-2, 3))})
    x = np.where(r.random((4, f)) < 0.3, r.choice([np.nan, 0, -1]), r.integers(-2, 3, (4, f))).astype(r.choice(["f4", "f8"]))
    return ml("Imputer", [x], {"imputed_value_floats": floats(r, r.choice([1, f])), "replaced_value_float": float(r.choice([np.nan, 0, -1]))})


def label_encoder(r):
    version = int(r.choice([1, 2, 2, 4, 4]))
    if version == 1:
        words = [str(w) for w in r.permutation(WORDS)[:4]]
        x = r.choice(WORDS, 6) if r.random() < 0.5 else r.integers(-1, 6, 6)
        return ml("LabelEncoder", [x], {"classes_strings": words, "default_int64": 77, "default_string": "?"}, 1)
    n = 5
    kinds = {"strings": (lambda: [str(w) for w in r.permutation(WORDS)[:n]]), "int64s": (lambda: [int(v) for v in r.permutation(9)[:n]]),
             "floats": (lambda: [float(np.float32(v)) for v in r.choice([0.5, 1, 2, 3, -7, np.nan, 9, 11], n, replace=False)])}
    if version == 2:
        kinds["floats"] = lambda: [float(np.float32(v)) for v in r.choice([0.5, 1, 2, 3, -7, 9, 11], n, replace=False)]
    if version == 4 and r.random() < 0.5:
        key_type, value_type = r.choice([["i8", "i8"], ["f8", "i2"], ["f4", "f4"], ["i4", "f8"], ["i2", "i4"], ["O", "i2"], ["i8", "O"]])
        tensor = lambda t: np.array(kinds["strings"]() if t == "O" else kinds["int64s"](), dtype=t)
        keys, values = tensor(key_type), tensor(value_type)
        default = np.array(["d"], dtype=object) if value_type == "O" else np.array([99], dtype=value_type)
        x = r.choice(np.concatenate([keys, tensor(key_type)]), (2, 4))
        return ml("LabelEncoder", [x], {"keys_tensor": numpy_helper.from_array(keys), "values_tensor": numpy_helper.from_array(values),
                                        "default_tensor": numpy_helper.from_array(default)}, 4)
    key_kind, value_kind = r.choice(list(kinds)), r.choice(list(kinds))
    keys, values = kinds[key_kind](), kinds[value_kind]()
    pool = np.array(keys + kinds[key_kind](), dtype={"strings": object, "int64s": "i8", "floats": "f4"}[key_kind])
    extra = {} if r.random() < 0.5 else {"default_" + value_kind[:-1]: {"strings": "no", "int64s": 7, "floats": 0.25}[value_kind]}
    return ml("LabelEncoder", [r.choice(pool, (3, 3))], {"keys_" + key_kind: keys, "values_" + value_kind: values, **extra}, version)


def linear_classifier(r):
    f, shape = int(r.integers(1, 6)), r.choice(["one", "binary", "many", "many"])
    count = {"one": 1, "binary": 1}.get(shape) or int(r.integers(2, 6))
    names = labels(r, 2 if count == 1 else count, "classlabels_ints")
    transform = str(r.choice(TRANSFORMS[:5] if count == 1 else TRANSFORMS))
    return ml("LinearClassifier", [rows(r, f)], {"coefficients": floats(r, count * f), "intercepts": floats(r, count), "multi_class": int(r.integers(2)),
                                                 "post_transform": transform, **names}, outputs=2, **tolerance(transform))


def linear_regressor(r):
    f, t = int(r.integers(1, 6)), int(r.choice([1, 1, 2, 4]))
    transform = str(r.choice(TRANSFORMS))
    return ml("LinearRegressor", [rows(r, f, "f")], {"coefficients": floats(r, t * f), "intercepts": floats(r, t) if r.random() < 0.8 else None, "targets": t,
                                                     "post_transform": transform}, **tolerance(transform))


def normalizer(r):
    x = rows(r, int(r.integers(1, 6)))
    x[0] = 0 if r.random() < 0.3 else x[0]
    return ml("Normalizer", [x[0] if r.random() < 0.2 else x], {"norm": str(r.choice(["MAX", "L1", "L2"]))})


def one_hot_encoder(r):
    shape = tuple(r.integers(1, 4, r.integers(1, 3)))
    if r.random() < 0.4:
        return ml("OneHotEncoder", [r.choice(WORDS, shape)], {"cats_strings": [str(w) for w in r.permutation(WORDS)[:4]], "zeros": int(r.random() < 0.9)})
    return ml("OneHotEncoder", [numbers(r, shape)], {"cats_int64s": [int(v) for v in r.permutation(np.arange(-6, 7))[:8]], "zeros": 1})


def scaler(r):
    f = int(r.integers(1, 5))
    n = int(r.choice([1, f]))
    return ml("Scaler", [rows(r, f)], {"offset": floats(r, n), "scale": floats(r, n)})


def svm_kernel(r):
    kernel = str(r.choice(["LINEAR", "POLY", "RBF", "SIGMOID"]))
    return {"kernel_type": kernel, "kernel_params": [float(v) for v in np.array([r.uniform(0.05, 0.5), r.uniform(-1, 1), r.integers(2, 4)], "f4")]}


def svm_classifier(r):
    f = int(r.integers(1, 5))
    classes = int(r.choice([2, 2, 3, 4]))
    pairs = classes * (classes - 1) // 2
    base = {"post_transform": str(r.choice(TRANSFORMS[:5])), **labels(r, classes, "classlabels_ints")}
    if r.random() < 0.25 and classes > 2:
        return ml("SVMClassifier", [rows(r, f)], {"coefficients": floats(r, classes * f), "rho": floats(r, r.choice([1, classes])), "kernel_type": "LINEAR", "kernel_params": [0.0, 0.0, 0.0], **base},
                  outputs=2, rtol=1e-4, atol=1e-5)
    per_class = [int(v) for v in r.integers(1, 5, classes)]
    s = sum(per_class)
    coefficients = floats(r, (classes - 1) * s)
    if r.random() < 0.2:
        coefficients = [abs(v) for v in coefficients]
    prob = {"prob_a": [-abs(v) for v in floats(r, pairs)], "prob_b": floats(r, pairs, 0.3)} if r.random() < 0.4 else {}
    return ml("SVMClassifier", [rows(r, f)], {"coefficients": coefficients, "support_vectors": floats(r, s * f), "rho": floats(r, pairs), "vectors_per_class": per_class,
                                              **svm_kernel(r), **prob, **base}, outputs=2, rtol=1e-3, atol=1e-4)


def svm_regressor(r):
    f, s = int(r.integers(1, 5)), int(r.integers(0, 6))
    base = {"rho": floats(r, 1), "one_class": int(r.random() < 0.3), "post_transform": "NONE", **svm_kernel(r)}
    if s == 0:
        return ml("SVMRegressor", [rows(r, f, "f")], {"coefficients": floats(r, f), **base}, rtol=1e-4, atol=1e-5)
    return ml("SVMRegressor", [rows(r, f, "f")], {"coefficients": floats(r, s), "support_vectors": floats(r, s * f), "n_supports": s, **base}, rtol=1e-3, atol=1e-4)


MODES = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"]


def node_lists(r, features, trees, prefix, targets, weights, votes_per_leaf):
    """Random trees as versions 1 and 3 write them."""
    nodes = {k: [] for k in ("treeids", "nodeids", "featureids", "modes", "values", "truenodeids", "falsenodeids", "missing_value_tracks_true")}
    votes = {k: [] for k in ("treeids", "nodeids", "ids", "weights")}
    modes = MODES if r.random() < 0.3 else [str(r.choice(MODES[:4]))]
    missing = r.random() < 0.5
    for tree in range(trees):
        todo, made = [0], 1
        while todo:
            node = todo.pop(0)
            branch = made < 12 and r.random() < 0.7
            row = dict(treeids=tree, nodeids=node, featureids=int(r.integers(features)) if branch else 0, modes=str(r.choice(modes)) if branch else "LEAF",
                       values=float(np.float32(r.choice([r.normal(), r.integers(-3, 4)]))) if branch else 0.0, truenodeids=0, falsenodeids=0,
                       missing_value_tracks_true=int(missing and r.random() < 0.5))
            if branch:
                row["truenodeids"], row["falsenodeids"] = made, made + 1
                todo += [made, made + 1]
                made += 2
            else:
                for target in r.permutation(targets)[:votes_per_leaf]:
                    for k, v in zip(votes, (tree, node, int(target), weights())):
                        votes[k].append(v)
            for k, v in row.items():
                nodes[k].append(v)
    if not missing:
        del nodes["missing_value_tracks_true"]
    return {**{"nodes_" + k: v for k, v in nodes.items()}, **{f"{prefix}_{k}": v for k, v in votes.items()}}


def as_tensors(attributes, names, dtype):
    for name in names:
        if name in attributes:
            attributes[name + "_as_tensor"] = numpy_helper.from_array(np.array(attributes.pop(name), dtype))
    return attributes


def tree_regressor(r):
    f, t = int(r.integers(1, 5)), int(r.choice([1, 1, 2, 3]))
    base = r.random() < 0.4
    a = node_lists(r, f, int(r.choice([1, 2, 5])), "target", list(range(t)), lambda: float(np.float32(r.normal())), t if base else int(r.integers(1, t + 1)))
    a.update(n_targets=t, aggregate_function=str(r.choice(["SUM", "AVERAGE", "MIN", "MAX"])), post_transform=str(r.choice(TRANSFORMS)))
    if base:
        a["base_values"] = floats(r, t)
    version, x = int(r.choice([1, 3])), rows(r, f, "fd", nan=0.1)
    if version == 3 and x.dtype == np.float64:
        as_tensors(a, ["nodes_values", "target_weights", "base_values"], "f8")
    return ml("TreeEnsembleRegressor", [x], a, version, **tolerance(a["post_transform"]))


def tree_classifier(r):
    f, c = int(r.integers(1, 5)), int(r.choice([2, 2, 2, 3, 5]))
    used = [int(r.integers(2))] if c == 2 else list(range(c))
    positive = r.random() < 0.5
    a = node_lists(r, f, int(r.choice([1, 2, 5])), "class", used, lambda: float(np.float32(abs(r.normal()) * 0.4 if positive else r.normal())),
                   int(r.integers(1, len(used) + 1)))
    a.update(post_transform=str(r.choice(TRANSFORMS[:5] if c == 2 else TRANSFORMS)), **labels(r, c))
    if r.random() < 0.4:
        a["base_values"] = floats(r, c if c > 2 else 1, 0.5)
    version, x = int(r.choice([1, 3])), rows(r, f, nan=0.1)
    if version == 3 and x.dtype == np.float64:
        as_tensors(a, ["nodes_values", "class_weights", "base_values"], "f8")
    return ml("TreeEnsembleClassifier", [x], a, version, outputs=2, **tolerance(a["post_transform"]))


def tree_ensemble(r):
    f, t, dtype = int(r.integers(1, 5)), int(r.choice([1, 2, 3])), str(r.choice(["f4", "f8"]))
    a = {k: [] for k in ("featureids", "truenodeids", "falsenodeids", "trueleafs", "falseleafs", "missing_value_tracks_true")}
    modes, splits, members, leaves, roots = [], [], [], [], []
    pool = [0, 1, 2, 3] if r.random() < 0.5 else list(range(7))
    for _ in range(r.integers(1, 4)):
        roots.append(len(modes))
        budget = [int(r.integers(0, 8))]

        def grow(at=None):
            at = len(modes)
            modes.append(int(r.choice(pool)))
            splits.append(float(r.choice([r.normal(), r.integers(-3, 4)])) if modes[-1] != 6 else 0.0)
            for k in a:
                a[k].append(0)
            a["featureids"][at] = int(r.integers(f))
            a["missing_value_tracks_true"][at] = int(r.integers(2))
            if modes[at] == 6:
                members.extend([float(v) for v in r.integers(-3, 4, r.integers(1, 4))] + [np.nan])
            for side in ("true", "false"):
                if budget[0] > 0 and r.random() < 0.7:
                    budget[0] -= 1
                    a[side + "nodeids"][at] = grow()
                else:
                    a[side + "leafs"][at] = 1
                    a[side + "nodeids"][at] = len(leaves)
                    leaves.append((int(r.integers(t)), float(r.normal())))
            return at
        grow()
    tensor = lambda v, d=dtype: numpy_helper.from_array(np.array(v, d))
    attributes = {"nodes_" + k: v for k, v in a.items()}
    attributes.update(nodes_modes=tensor(modes, "u1"), nodes_splits=tensor(splits), leaf_targetids=[t for t, _ in leaves], leaf_weights=tensor([w for _, w in leaves]),
                      tree_roots=roots, n_targets=t, aggregate_function=int(r.integers(4)), post_transform=int(r.choice([0, 0, 3, 4])))
    if members:
        attributes["membership_values"] = tensor(members)
    x = np.where(r.random((5, f)) < 0.5, r.integers(-3, 4, (5, f)), r.standard_normal((5, f)))
    x = np.round(x) if members else x
    return ml("TreeEnsemble", [np.where(r.random((5, f)) < 0.1, np.nan, x).astype(dtype)], attributes, 5, **tolerance("PROBIT" if attributes["post_transform"] == 4 else "NONE"))


def zip_map(r):
    n = int(r.integers(1, 5))
    return ml("ZipMap", [rows(r, n, "f")], labels(r, n))


GENERATORS = {"ArrayFeatureExtractor": array_feature_extractor, "Binarizer": binarizer, "CastMap": cast_map, "CategoryMapper": category_mapper,
              "DictVectorizer": dict_vectorizer, "FeatureVectorizer": feature_vectorizer, "Imputer": imputer, "LabelEncoder": label_encoder,
              "LinearClassifier": linear_classifier, "LinearRegressor": linear_regressor, "Normalizer": normalizer, "OneHotEncoder": one_hot_encoder,
              "SVMClassifier": svm_classifier, "SVMRegressor": svm_regressor, "Scaler": scaler, "TreeEnsemble": tree_ensemble,
              "TreeEnsembleClassifier": tree_classifier, "TreeEnsembleRegressor": tree_regressor, "ZipMap": zip_map}

if __name__ == "__main__":
    sys.exit(main(__doc__, GENERATORS))
