#!/usr/bin/env python3
"""Estimators of scikit-learn, XGBoost, LightGBM and CatBoost, converted with skl2onnx and onnxmltools, against the framework itself.

    tests/interop/classical_models.py --samoyed build/release/bin/samoyed --work build/interop/classical [--only NAME...]

Rule: labels equal to the framework's and numbers within 1e-5 (absolute and relative), or, where the converted model itself differs
from the framework (ONNX Runtime's result does, too), equal to ONNX Runtime's. Prints a table; ends with status 1 when it is broken.
"""
import argparse
import os
import shutil
import subprocess
import sys
import warnings

import numpy as np
import onnx
import onnxruntime as ort

import classical_more
from property import save_case, type_proto

warnings.filterwarnings("ignore")
ort.set_default_logger_severity(4)
TOLERANCE = 1e-5
TARGET = {"": 19, "ai.onnx.ml": 3}


def data(kind):
    """Features and targets of a small problem; features are float32 numbers."""
    r = np.random.default_rng(7)
    x = r.standard_normal((160, 5)).astype("f4")
    score = x[:, 0] * 1.5 - x[:, 1] + np.sin(2 * x[:, 2]) + 0.3 * r.standard_normal(160)
    if kind == "binary":
        return x, (score > 0).astype(np.int64)
    if kind == "words":
        return x, np.array(["no", "yes"])[(score > 0).astype(int)]
    if kind == "many":
        return x, np.digitize(score, [-1, 0.2, 1.3]).astype(np.int64)
    if kind == "many words":
        return x, np.array(["red", "blue", "green"])[np.digitize(score, [-0.7, 0.8])]
    if kind == "counts":
        return np.floor(np.abs(x) * 4).astype("f4"), np.digitize(score, [0]).astype(np.int64)
    if kind == "positive":
        return np.abs(x), np.exp(score / 3).astype("f8")
    if kind == "missing":
        return np.where(r.random(x.shape) < 0.15, np.nan, x).astype("f4"), (score > 0).astype(np.int64)
    if kind == "two numbers":
        return x, np.stack([score, x[:, 3] - score], 1)
    if kind == "number":
        return x, score.astype("f8")
    raise ValueError(kind)


def classifiers():
    from sklearn import calibration, discriminant_analysis, ensemble, linear_model, multiclass, naive_bayes, neighbors, neural_network, svm, tree
    from sklearn.gaussian_process import GaussianProcessClassifier

    yield "AdaBoostClassifier", lambda: ensemble.AdaBoostClassifier(n_estimators=8, random_state=0)
    yield "BaggingClassifier", lambda: ensemble.BaggingClassifier(n_estimators=4, random_state=0)
    yield "CalibratedClassifierCV", lambda: calibration.CalibratedClassifierCV(linear_model.LogisticRegression(), cv=3)
    yield "DecisionTreeClassifier", lambda: tree.DecisionTreeClassifier(max_depth=5, random_state=0)
    yield "ExtraTreeClassifier", lambda: tree.ExtraTreeClassifier(max_depth=5, random_state=0)
    yield "ExtraTreesClassifier", lambda: ensemble.ExtraTreesClassifier(10, max_depth=5, random_state=0)
    yield "GaussianNB", lambda: naive_bayes.GaussianNB()
    yield "GaussianProcessClassifier", lambda: GaussianProcessClassifier()
    yield "GradientBoostingClassifier", lambda: ensemble.GradientBoostingClassifier(n_estimators=10, random_state=0)
    yield "HistGradientBoostingClassifier", lambda: ensemble.HistGradientBoostingClassifier(max_iter=10, random_state=0)
    yield "KNeighborsClassifier", lambda: neighbors.KNeighborsClassifier(5)
    yield "KNeighborsClassifier distance", lambda: neighbors.KNeighborsClassifier(7, weights="distance")
    yield "LinearDiscriminantAnalysis", lambda: discriminant_analysis.LinearDiscriminantAnalysis()
    yield "LinearSVC", lambda: svm.LinearSVC()
    yield "LogisticRegression", lambda: linear_model.LogisticRegression()
    yield "LogisticRegressionCV", lambda: linear_model.LogisticRegressionCV(cv=3)
    yield "MLPClassifier", lambda: neural_network.MLPClassifier((8, 6), max_iter=80, random_state=0)
    yield "MLPClassifier tanh", lambda: neural_network.MLPClassifier((8,), activation="tanh", max_iter=80, random_state=0)
    yield "NuSVC", lambda: svm.NuSVC(nu=0.2)
    yield "OneVsOneClassifier", lambda: multiclass.OneVsOneClassifier(linear_model.LogisticRegression())
    yield "OneVsRestClassifier", lambda: multiclass.OneVsRestClassifier(linear_model.LogisticRegression())
    yield "PassiveAggressiveClassifier", lambda: linear_model.PassiveAggressiveClassifier(random_state=0)
    yield "Perceptron", lambda: linear_model.Perceptron(random_state=0)
    yield "QuadraticDiscriminantAnalysis", lambda: discriminant_analysis.QuadraticDiscriminantAnalysis()
    yield "RandomForestClassifier", lambda: ensemble.RandomForestClassifier(20, max_depth=6, random_state=0)
    yield "RidgeClassifier", lambda: linear_model.RidgeClassifier()
    yield "SGDClassifier log_loss", lambda: linear_model.SGDClassifier(loss="log_loss", random_state=0)
    yield "SGDClassifier hinge", lambda: linear_model.SGDClassifier(random_state=0)
    yield "StackingClassifier", lambda: ensemble.StackingClassifier([("a", linear_model.LogisticRegression()), ("b", tree.DecisionTreeClassifier(max_depth=3, random_state=0))])
    for kernel in ("rbf", "linear", "poly", "sigmoid"):
        yield f"SVC {kernel}", lambda kernel=kernel: svm.SVC(kernel=kernel)
    yield "SVC probability", lambda: svm.SVC(probability=True, random_state=0)
    yield "VotingClassifier", lambda: ensemble.VotingClassifier([("a", linear_model.LogisticRegression()), ("b", naive_bayes.GaussianNB())], voting="soft", flatten_transform=False)


def regressors():
    from sklearn import cross_decomposition, ensemble, gaussian_process, linear_model, multioutput, neighbors, neural_network, svm, tree

    for name in ("ARDRegression", "BayesianRidge", "ElasticNet", "ElasticNetCV", "GammaRegressor", "HuberRegressor", "Lars", "LarsCV", "Lasso", "LassoCV",
                 "LassoLars", "LassoLarsCV", "LassoLarsIC", "LinearRegression", "OrthogonalMatchingPursuit", "PassiveAggressiveRegressor", "PoissonRegressor",
                 "QuantileRegressor", "RANSACRegressor", "Ridge", "RidgeCV", "SGDRegressor", "TheilSenRegressor", "TweedieRegressor"):
        if hasattr(linear_model, name):
            yield name, getattr(linear_model, name)
    yield "AdaBoostRegressor", lambda: ensemble.AdaBoostRegressor(n_estimators=8, random_state=0)
    yield "BaggingRegressor", lambda: ensemble.BaggingRegressor(n_estimators=4, random_state=0)
    yield "DecisionTreeRegressor", lambda: tree.DecisionTreeRegressor(max_depth=5, random_state=0)
    yield "ExtraTreesRegressor", lambda: ensemble.ExtraTreesRegressor(10, max_depth=5, random_state=0)
    yield "GaussianProcessRegressor", lambda: gaussian_process.GaussianProcessRegressor(alpha=0.1)
    yield "GradientBoostingRegressor", lambda: ensemble.GradientBoostingRegressor(n_estimators=10, random_state=0)
    yield "HistGradientBoostingRegressor", lambda: ensemble.HistGradientBoostingRegressor(max_iter=10, random_state=0)
    yield "KNeighborsRegressor", lambda: neighbors.KNeighborsRegressor(4)
    yield "KNeighborsRegressor distance", lambda: neighbors.KNeighborsRegressor(4, weights="distance")
    yield "LinearSVR", lambda: svm.LinearSVR()
    yield "MLPRegressor", lambda: neural_network.MLPRegressor(hidden_layer_sizes=(8,), max_iter=80, random_state=0)
    yield "NuSVR", lambda: svm.NuSVR()
    yield "PLSRegression", lambda: cross_decomposition.PLSRegression(2)
    yield "RadiusNeighborsRegressor", lambda: neighbors.RadiusNeighborsRegressor(3.0)
    yield "RandomForestRegressor", lambda: ensemble.RandomForestRegressor(15, max_depth=6, random_state=0)
    yield "StackingRegressor", lambda: ensemble.StackingRegressor([("a", linear_model.Ridge()), ("b", tree.DecisionTreeRegressor(max_depth=3, random_state=0))])
    for kernel in ("rbf", "linear", "poly", "sigmoid"):
        yield f"SVR {kernel}", lambda kernel=kernel: svm.SVR(kernel=kernel)
    yield "VotingRegressor", lambda: ensemble.VotingRegressor([("a", linear_model.Ridge()), ("b", svm.SVR())])


def transformers():
    from sklearn import decomposition, feature_selection, impute, pipeline, preprocessing, random_projection

    for name in ("Binarizer", "MaxAbsScaler", "MinMaxScaler", "Normalizer", "PolynomialFeatures", "PowerTransformer", "QuantileTransformer", "RobustScaler",
                 "StandardScaler"):
        yield name, getattr(preprocessing, name)
    yield "Normalizer l1", lambda: preprocessing.Normalizer("l1")
    yield "Normalizer max", lambda: preprocessing.Normalizer("max")
    yield "KBinsDiscretizer", lambda: preprocessing.KBinsDiscretizer(4, encode="ordinal")
    yield "PCA", lambda: decomposition.PCA(3)
    yield "IncrementalPCA", lambda: decomposition.IncrementalPCA(3)
    yield "TruncatedSVD", lambda: decomposition.TruncatedSVD(3)
    yield "KernelPCA", lambda: decomposition.KernelPCA(3, kernel="rbf")
    yield "GaussianRandomProjection", lambda: random_projection.GaussianRandomProjection(3, random_state=0)
    yield "SelectKBest", lambda: feature_selection.SelectKBest(k=2)
    yield "VarianceThreshold", feature_selection.VarianceThreshold
    yield "Pipeline", lambda: pipeline.make_pipeline(preprocessing.StandardScaler(), decomposition.PCA(2), preprocessing.MinMaxScaler())
    yield "FeatureUnion", lambda: pipeline.make_union(preprocessing.StandardScaler(), decomposition.PCA(2))
    yield "SimpleImputer", impute.SimpleImputer
    yield "KNNImputer", impute.KNNImputer


def sklearn_cases():
    """(name, estimator, x to train on, y, extra options of the conversion)"""
    from sklearn import cluster, ensemble, impute, mixture, naive_bayes, neighbors, pipeline, preprocessing, svm

    for name, make in classifiers():
        # The converter takes Gaussian processes of two numbered classes only, and OneVsOne of numbered ones.
        kinds = {"GaussianProcessClassifier": 1, "OneVsOneClassifier": 2}.get(name, 4)
        for kind in ("binary", "many", "words", "many words")[:kinds]:
            x, y = data(kind)
            if name.startswith("GaussianProcess"):
                x = x.astype("f8")  # single precision loses four digits there, and ONNX Runtime cannot tell: it lacks the operator Solve
            yield f"{name} / {kind}", make(), x, y, None if name == "LinearSVC" else {"zipmap": False}
    for kind in ("binary", "many words"):
        yield f"LogisticRegression ZipMap / {kind}", dict(classifiers())["LogisticRegression"](), *data(kind), {}
        yield f"RandomForestClassifier ZipMap / {kind}", dict(classifiers())["RandomForestClassifier"](), *data(kind), {}
    for name in ("MultinomialNB", "ComplementNB", "BernoulliNB", "CategoricalNB"):
        yield f"{name} / counts", getattr(naive_bayes, name)(), *data("counts"), {"zipmap": False}
    for name in ("HistGradientBoostingClassifier", "DecisionTreeClassifier", "RandomForestClassifier"):
        yield f"{name} / missing", dict(classifiers())[name](), *data("missing"), {"zipmap": False}
    imputed = pipeline.make_pipeline(impute.SimpleImputer(strategy="median"), preprocessing.StandardScaler(), dict(classifiers())["LogisticRegression"]())
    yield "Imputer, scaler, LogisticRegression / missing", imputed, *data("missing"), {"zipmap": False}
    for name, make in regressors():
        x, y = data("positive" if name in ("GammaRegressor", "PoissonRegressor", "TweedieRegressor") else "number")
        yield f"{name}", make(), x, y, None
    for name in ("LinearRegression", "RandomForestRegressor", "KNeighborsRegressor", "MLPRegressor", "DecisionTreeRegressor", "PLSRegression"):
        yield f"{name} / two numbers", dict(regressors())[name](), *data("two numbers"), None
    for name, make in transformers():
        yield name, make(), *data("missing" if "Imputer" in name else "binary"), None
    for name, make in (("KMeans", lambda: cluster.KMeans(3, random_state=0, n_init=2)), ("MiniBatchKMeans", lambda: cluster.MiniBatchKMeans(3, random_state=0, n_init=2)),
                       ("GaussianMixture", lambda: mixture.GaussianMixture(2, random_state=0)), ("IsolationForest", lambda: ensemble.IsolationForest(n_estimators=10, random_state=0)),
                       ("OneClassSVM", lambda: svm.OneClassSVM()), ("LocalOutlierFactor", lambda: neighbors.LocalOutlierFactor(novelty=True))):
        yield name, make(), *data("binary"), None


def text_cases():
    from sklearn import feature_extraction, linear_model, pipeline, preprocessing

    text = feature_extraction.text
    # Words of ASCII letters, two and more: the converter's expression for tokens knows no others.
    documents = np.array(["The quick brown fox", "jumps over the lazy dog", "and the Fox is quick", "dogs are lazy", "Over THE bridge", "one fox two dogs 42"] * 3)
    y = np.array([0, 1, 0, 1, 0, 1] * 3)
    x = documents.reshape(-1, 1)
    for name, vectorizer in (("CountVectorizer", text.CountVectorizer()), ("TfidfVectorizer", text.TfidfVectorizer()), ("TfidfVectorizer 1-2", text.TfidfVectorizer(ngram_range=(1, 2))),
                             ("CountVectorizer char", text.CountVectorizer(analyzer="char")), ("CountVectorizer stop", text.CountVectorizer(stop_words=["the", "is"]))):
        yield name, vectorizer, documents, y, None
        yield f"{name}, LogisticRegression", pipeline.make_pipeline(vectorizer, linear_model.LogisticRegression()), documents, y, {"zipmap": False}
    colours = np.array([["red", "s"], ["blue", "m"], ["red", "l"], ["grün", "s"], ["blue", "s"], ["red", "m"]] * 3)
    yield "OneHotEncoder", preprocessing.OneHotEncoder(sparse_output=False), colours, y, None
    yield "OrdinalEncoder", preprocessing.OrdinalEncoder(), colours, y, None
    yield "OneHotEncoder, LogisticRegression", pipeline.make_pipeline(preprocessing.OneHotEncoder(), linear_model.LogisticRegression()), colours, y, {"zipmap": False}
    yield "LabelEncoder", preprocessing.LabelEncoder(), documents, y, None


def boosting_cases():
    import lightgbm
    import xgboost

    for kind in ("binary", "many", "missing"):
        yield f"XGBClassifier / {kind}", xgboost.XGBClassifier(n_estimators=12, max_depth=4), *data(kind), {"zipmap": False}
        yield f"XGBRFClassifier / {kind}", xgboost.XGBRFClassifier(n_estimators=6, max_depth=4), *data(kind), {"zipmap": False}
        yield f"LGBMClassifier / {kind}", lightgbm.LGBMClassifier(n_estimators=12, verbose=-1), *data(kind), {"zipmap": False}
        yield f"LGBMClassifier dart / {kind}", lightgbm.LGBMClassifier(n_estimators=12, boosting_type="dart", verbose=-1), *data(kind), {"zipmap": False}
    for objective in ("reg:squarederror", "count:poisson", "reg:gamma", "reg:tweedie", "reg:absoluteerror"):
        yield f"XGBRegressor {objective}", xgboost.XGBRegressor(n_estimators=12, max_depth=4, objective=objective), *data("positive"), None
    for objective in ("regression", "poisson", "gamma", "tweedie", "l1", "quantile"):
        yield f"LGBMRegressor {objective}", lightgbm.LGBMRegressor(n_estimators=12, objective=objective, verbose=-1), *data("positive"), None
    yield "XGBRFRegressor", xgboost.XGBRFRegressor(n_estimators=8, max_depth=4), *data("number"), None
    yield "LGBMRegressor rf", lightgbm.LGBMRegressor(n_estimators=8, boosting_type="rf", bagging_freq=1, bagging_fraction=0.7, verbose=-1), *data("number"), None


def catboost_cases():
    import catboost

    quiet = {"iterations": 8, "depth": 4, "verbose": 0, "allow_writing_files": False, "random_seed": 0}
    for kind in ("binary", "many", "words"):
        yield f"CatBoostClassifier / {kind}", catboost.CatBoostClassifier(**quiet), *data(kind), None
    for loss in ("RMSE", "MAE", "Quantile:alpha=0.3", "Poisson"):
        yield f"CatBoostRegressor {loss}", catboost.CatBoostRegressor(loss_function=loss, **quiet), *data("positive"), None


def converted(estimator, x, options, strings, args):
    """The estimator's model; CatBoost writes its own."""
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import FloatTensorType, Int64TensorType, StringTensorType

    if type(estimator).__name__.startswith("CatBoost"):
        path = os.path.join(args.work, "catboost.onnx")
        os.makedirs(args.work, exist_ok=True)
        estimator.save_model(path, format="onnx")
        return onnx.load(path)
    if not isinstance(x, np.ndarray):
        kinds = {"f": FloatTensorType, "i": Int64TensorType, "O": StringTensorType, "T": StringTensorType, "U": StringTensorType}
        described = {"initial_types": [(c, kinds[x[c].to_numpy().dtype.kind]([None, 1])) for c in x.columns]}
        return to_onnx(estimator, options={id(estimator): options} if options is not None else None, target_opset=TARGET, **described)
    described = {"initial_types": [("x", StringTensorType([None] + list(x.shape[1:])))]} if strings else {"X": x[:1]}
    return to_onnx(estimator, options={id(estimator): options} if options is not None else None, target_opset=TARGET, **described)


def mend_converter():
    """skl2onnx hands lists of truth values to a function of onnx that takes only numbers."""
    make = onnx.helper.make_attribute
    plain = lambda v: int(v) if isinstance(v, (bool, np.bool_)) else v
    onnx.helper.make_attribute = lambda key, value, *more, **named: make(key, [plain(v) for v in value] if isinstance(value, list) else value, *more, **named)


def register_boosting():
    import lightgbm
    import xgboost
    from onnxmltools.convert.lightgbm.operator_converters.LightGbm import convert_lightgbm
    from onnxmltools.convert.xgboost.operator_converters.XGBoost import convert_xgboost
    from skl2onnx import update_registered_converter
    from skl2onnx.common.shape_calculator import calculate_linear_classifier_output_shapes, calculate_linear_regressor_output_shapes

    options = {"nocl": [True, False], "zipmap": [True, False, "columns"]}
    for module, prefix, convert in ((xgboost, "XGB", convert_xgboost), (xgboost, "XGBRF", convert_xgboost), (lightgbm, "LGBM", convert_lightgbm)):
        update_registered_converter(getattr(module, prefix + "Classifier"), prefix + "Classifier", calculate_linear_classifier_output_shapes, convert, options=options)
        update_registered_converter(getattr(module, prefix + "Regressor"), prefix + "Regressor", calculate_linear_regressor_output_shapes, convert,
                                    options={"split": None} if prefix == "LGBM" else None)


def framework_outputs(estimator, x, outputs):
    """What the estimator itself says, in the order of the model's outputs; None where it has no word for one."""
    if not hasattr(estimator, "predict"):  # of transformers
        made = estimator.transform(x)
        return [made.toarray() if hasattr(made, "toarray") else made]
    said = [estimator.predict(x)]
    if len(outputs) > 1:
        second = next((getattr(estimator, f) for f in ("predict_proba", "decision_function", "score_samples", "transform") if hasattr(estimator, f)), None)
        said.append(None if second is None else second(x))
    return said


def agree(actual, expected):
    """True, or what differs."""
    if isinstance(actual, list) and isinstance(actual[0], dict):  # from ZipMap
        actual = np.array([[d[k] for k in sorted(d)] for d in actual])
    actual, expected = np.asarray(actual), np.asarray(expected)
    if actual.size != expected.size:
        return f"shape {actual.shape} instead of {expected.shape}"
    actual = actual.reshape(expected.shape)
    if expected.dtype.kind in "UO" or actual.dtype.kind in "UO":
        return bool((actual.astype(str) == expected.astype(str)).all()) or "labels differ"
    if expected.dtype.kind in "iu":
        return bool((actual == expected).all()) or "labels differ"
    error = np.abs(actual.astype("f8") - expected)
    worst = np.nanmax(error / (1 + np.abs(expected))) if error.size else 0
    return bool(worst <= TOLERANCE and (np.isnan(actual) == np.isnan(expected)).all()) or f"off by {worst:.1e}"


def parts(x, strings):
    """The rows of three runs: several, one, all of the rest; words are few."""
    return [x[:9], x[4:5], x] if strings else [x[:25], x[30:31], x[25:92]]


def feed_of(model, x):
    """The model's inputs by name; a table has one for every column."""
    if isinstance(x, np.ndarray):
        return {model.graph.input[0].name: x.astype(object) if x.dtype.kind == "U" else x}
    columns = {name: x[[name]].to_numpy() for name in x.columns}
    return {i.name: columns[i.name].astype(object) if i.type.tensor_type.elem_type == onnx.TensorProto.STRING else columns[i.name] for i in model.graph.input}


def run_case(name, estimator, x, y, options, args):
    """(verdict, detail)"""
    strings = isinstance(x, np.ndarray) and x.dtype.kind == "U"
    estimator.fit(*((x,) if name in ("LabelEncoder", "LabelBinarizer") else (x, y)))
    model = converted(estimator, x, options, strings, args)
    found = [run_part(name, estimator, model, part, strings, options, args) for part in parts(x, strings)]
    return next((f for f in found if f[0] == "FAILED"), found[0])


def run_part(name, estimator, model, test, strings, options, args):
    """(verdict, detail) of one data set."""
    said = framework_outputs(estimator, test, model.graph.output)
    if options == {"zipmap": "columns"}:
        said = [said[0], *said[1].T]
    feed = feed_of(model, test)
    inputs = list(feed.values())
    try:
        session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        theirs = session.run(None, feed)
        types = [type_proto(o.type) for o in session.get_outputs()]
    except Exception as error:  # its text operators need a locale that not every machine has; converters write what it does not run
        types = [o.type for o in model.graph.output]
        complaint = samoyed_test(args, name, model, inputs, as_declared(said, types), types)
        if "shape" in complaint:  # labels may come as a column
            complaint = samoyed_test(args, name, model, inputs, [s.reshape(-1, 1) if s.ndim == 1 else s for s in as_declared(said, types)], types)
        if complaint and "is not a registered function" not in str(error) and "locale" not in str(error):
            raise  # neither runs it
        return "FAILED" if complaint else "ok", f"{complaint} (ONNX Runtime does not run it: {type(error).__name__})".strip()
    said = [two_columns(s, t) for s, t in zip(said, theirs)]
    reference = [agree(t, s) for t, s in zip(theirs, said) if s is not None]
    differs = [str(r) for r in reference if r is not True]
    note = f"(ONNX Runtime is not the framework: {', '.join(differs)})" if differs else ""
    complaint = samoyed_test(args, name, model, inputs, theirs, types)
    if complaint and len(said) == len(theirs) and all(isinstance(t, np.ndarray) and s is not None and np.size(s) == t.size for t, s in zip(theirs, said)):
        framework = [np.asarray(s).astype(t.dtype).reshape(t.shape) for t, s in zip(theirs, said)]
        # Where the converted model loses digits (ONNX Runtime does, too), Samoyed may be as far from the framework as that.
        lost = max((np.abs(t - f).max() for t, f in zip(theirs, framework) if t.dtype.kind == "f"), default=0)
        complaint = samoyed_test(args, name, model, inputs, framework, types, max(TOLERANCE, float(lost)))
    return "FAILED" if complaint else "ok", f"{complaint} {note}".strip()


def two_columns(said, made):
    """A decision of two classes as converters have it, a number for each class, the second one or (of SVC) the first one as it is."""
    if not isinstance(made, np.ndarray) or made.dtype.kind != "f" or said is None or np.shape(made) != (*np.shape(said), 2):
        return said
    return min((np.stack([sign * said, -sign * said], -1) for sign in (-1, 1)), key=lambda columns: np.abs(columns - made).max())


def as_declared(values, types):
    """The framework's outputs in the types that the model declares."""
    dtypes = [onnx.helper.tensor_dtype_to_np_dtype(t.tensor_type.elem_type) for t in types]
    return [np.asarray(v).astype(d) for v, d in zip(values, dtypes)]


def samoyed_test(args, name, model, inputs, expected, types, atol=TOLERANCE):
    """Empty, or what `samoyed test` finds wrong."""
    folder = os.path.join(args.work, "".join(c if c.isalnum() else "_" for c in name))
    shutil.rmtree(folder, ignore_errors=True)
    save_case(folder, model, inputs, expected, types)
    done = subprocess.run([args.samoyed, "test", folder, "--rtol", str(TOLERANCE), "--atol", str(atol), "--no-progress", "--provider", args.provider],
                          capture_output=True, text=True)
    return "" if "1 passed" in done.stdout else (done.stdout.strip().splitlines() or [done.stderr.strip()[-200:]])[0][:220]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samoyed", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--only", nargs="*", help="parts of names")
    parser.add_argument("--provider", default="reference")
    args = parser.parse_args()
    mend_converter()
    register_boosting()
    counts = {"ok": 0, "FAILED": 0, "no model": 0}
    more = (lambda: classical_more.cases(data)), (lambda: classical_more.boosting(data))
    for cases in (sklearn_cases, text_cases, boosting_cases, catboost_cases, *more):
        for name, estimator, x, y, options in cases():
            if args.only and not any(part in name for part in args.only):
                continue
            try:
                verdict, detail = run_case(name, estimator, x, y, options, args)
            except Exception as error:  # the converter cannot, or the estimator does not take this problem
                verdict, detail = "no model", f"{type(error).__name__}: {str(error).strip().splitlines()[0][:140]}"
            counts[verdict] += 1
            print(f"{name:45s} {verdict:8s} {detail}", flush=True)
    print(", ".join(f"{n} {what}" for what, n in counts.items()))
    return 1 if counts["FAILED"] else 0


if __name__ == "__main__":
    sys.exit(main())
