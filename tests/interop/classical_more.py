"""More cases of classical_models.py: compositions, options of the converter, kernels and metrics, doubles, tables with columns of several types.

A case is (name, estimator, x, y, options of the conversion), as there. x may be a table of pandas: then every column is an input of the model.
"""
import numpy as np
import pandas
from sklearn import (calibration, compose, decomposition, ensemble, feature_extraction, feature_selection, gaussian_process, impute, linear_model, mixture, model_selection,
                     multiclass, multioutput, naive_bayes, neighbors, neural_network, pipeline, preprocessing, svm, tree)
from sklearn.gaussian_process import kernels

PLAIN = {"zipmap": False}
logistic = linear_model.LogisticRegression
forest = lambda **more: ensemble.RandomForestClassifier(8, max_depth=4, random_state=0, **more)
stump = lambda: tree.DecisionTreeClassifier(max_depth=3, random_state=0)


def selections(data):
    x, y = data("many")
    yield "SelectFdr", feature_selection.SelectFdr(), x, y, None
    yield "SelectFpr", feature_selection.SelectFpr(), x, y, None
    yield "SelectFwe", feature_selection.SelectFwe(), x, y, None
    yield "SelectPercentile", feature_selection.SelectPercentile(percentile=50), x, y, None
    yield "GenericUnivariateSelect", feature_selection.GenericUnivariateSelect(mode="k_best", param=2), x, y, None
    yield "SelectFromModel", feature_selection.SelectFromModel(forest()), x, y, None
    yield "RFE", feature_selection.RFE(logistic(), n_features_to_select=3), x, y, None
    yield "RFECV", feature_selection.RFECV(logistic(), cv=3), x, y, None
    yield "selection, then SVC", pipeline.make_pipeline(feature_selection.SelectKBest(k=3), svm.SVC()), x, y, PLAIN


def transformers(data):
    x, y = data("binary")
    holes, _ = data("missing")
    yield "PolynomialFeatures 3", preprocessing.PolynomialFeatures(3, interaction_only=True, include_bias=False), x, y, None
    yield "KBinsDiscretizer one-hot", preprocessing.KBinsDiscretizer(3, encode="onehot-dense"), x, y, None
    yield "QuantileTransformer 20", preprocessing.QuantileTransformer(n_quantiles=20), x, y, None
    yield "PowerTransformer box-cox", preprocessing.PowerTransformer("box-cox"), np.abs(x) + np.float32(0.1), y, None
    yield "RobustScaler, no centre", preprocessing.RobustScaler(with_centering=False), x, y, None
    yield "StandardScaler, no spread", preprocessing.StandardScaler(with_std=False), x, y, None
    yield "MinMaxScaler, clipped", preprocessing.MinMaxScaler((-1, 2), clip=True), x, y, None
    yield "PCA whitened", decomposition.PCA(2, whiten=True), x, y, None
    for kernel in ("linear", "poly", "sigmoid", "cosine"):
        yield f"KernelPCA {kernel}", decomposition.KernelPCA(3, kernel=kernel), x, y, None
    yield "RandomTreesEmbedding", ensemble.RandomTreesEmbedding(5, max_depth=3, random_state=0, sparse_output=False), x, y, None
    yield "NeighborhoodComponentsAnalysis", neighbors.NeighborhoodComponentsAnalysis(2, random_state=0), x, y, None
    yield "KNeighborsTransformer", neighbors.KNeighborsTransformer(n_neighbors=4), x, y, None
    yield "FunctionTransformer", preprocessing.FunctionTransformer(), x, y, None
    for strategy in ("mean", "median", "most_frequent", "constant"):
        yield f"SimpleImputer {strategy}", impute.SimpleImputer(strategy=strategy), holes, y, None
    yield "KNNImputer 2", impute.KNNImputer(n_neighbors=2, weights="uniform"), holes, y, None
    yield "FeatureUnion of pipelines", pipeline.make_union(pipeline.make_pipeline(preprocessing.MinMaxScaler(), decomposition.PCA(2)), preprocessing.PolynomialFeatures(2), preprocessing.Normalizer()), x, y, None
    yield "FeatureUnion weighted", pipeline.FeatureUnion([("a", preprocessing.StandardScaler()), ("b", decomposition.PCA(2))], transformer_weights={"a": 2.0, "b": 0.5}), x, y, None


def compositions(data):
    for kind in ("binary", "many words"):
        x, y = data(kind)
        base = [("a", logistic()), ("b", stump()), ("c", naive_bayes.GaussianNB())]
        yield f"VotingClassifier hard / {kind}", ensemble.VotingClassifier(base, voting="hard", flatten_transform=False), x, y, PLAIN
        yield f"VotingClassifier weighted / {kind}", ensemble.VotingClassifier(base, voting="soft", weights=np.array([1.0, 2.0, 3.0]), flatten_transform=False), x, y, PLAIN
        yield f"StackingClassifier over forests / {kind}", ensemble.StackingClassifier([("a", forest()), ("b", svm.SVC(probability=True, random_state=0))], final_estimator=logistic(), passthrough=True), x, y, PLAIN
        yield f"CalibratedClassifierCV isotonic / {kind}", calibration.CalibratedClassifierCV(naive_bayes.GaussianNB(), method="isotonic", cv=3), x, y, PLAIN
        yield f"CalibratedClassifierCV of SVC / {kind}", calibration.CalibratedClassifierCV(svm.LinearSVC(), cv=2), x, y, PLAIN
        yield f"CalibratedClassifierCV of a forest / {kind}", calibration.CalibratedClassifierCV(forest(), cv=2), x, y, PLAIN
        yield f"BaggingClassifier of SVC / {kind}", ensemble.BaggingClassifier(logistic(), n_estimators=3, max_features=3, random_state=0), x, y, PLAIN
        yield f"GridSearchCV / {kind}", model_selection.GridSearchCV(logistic(), {"C": [0.1, 1.0]}, cv=2), x, y, PLAIN
        yield f"OneVsRest of forests / {kind}", multiclass.OneVsRestClassifier(forest()), x, y, PLAIN
        yield f"AdaBoost of stumps / {kind}", ensemble.AdaBoostClassifier(stump(), n_estimators=5, random_state=0), x, y, PLAIN
        deep = pipeline.make_pipeline(preprocessing.StandardScaler(), pipeline.make_union(decomposition.PCA(2), preprocessing.PolynomialFeatures(2)), preprocessing.MinMaxScaler(), neural_network.MLPClassifier((6,), max_iter=60, random_state=0))
        yield f"long pipeline / {kind}", deep, x, y, PLAIN
    x, y = data("binary")
    yield "TunedThresholdClassifierCV", model_selection.TunedThresholdClassifierCV(logistic(), cv=2), x, y, PLAIN
    x, y = data("number")
    yield "GridSearchCV of SVR", model_selection.GridSearchCV(svm.SVR(), {"C": [0.1, 1.0]}, cv=2), x, y, None
    yield "StackingRegressor passed through", ensemble.StackingRegressor([("a", linear_model.Ridge()), ("b", svm.SVR())], final_estimator=ensemble.GradientBoostingRegressor(n_estimators=5, random_state=0), passthrough=True), x, y, None
    yield "BaggingRegressor of Ridge", ensemble.BaggingRegressor(linear_model.Ridge(), n_estimators=3, max_features=3, random_state=0), x, y, None
    yield "AdaBoostRegressor of trees", ensemble.AdaBoostRegressor(tree.DecisionTreeRegressor(max_depth=3, random_state=0), n_estimators=4, random_state=0), x, y, None
    yield "ExtraTreeRegressor", tree.ExtraTreeRegressor(max_depth=5, random_state=0), x, y, None
    yield "pipeline, HistGradientBoostingRegressor", pipeline.make_pipeline(preprocessing.RobustScaler(), ensemble.HistGradientBoostingRegressor(max_iter=8, random_state=0)), x, y, None


def several_outputs(data):
    x, numbers = data("two numbers")
    yield "MultiOutputRegressor", multioutput.MultiOutputRegressor(linear_model.Ridge()), x, numbers, None
    yield "MultiOutputRegressor of boosting", multioutput.MultiOutputRegressor(ensemble.GradientBoostingRegressor(n_estimators=4, random_state=0)), x, numbers, None
    for name, make in (("ExtraTreesRegressor", lambda: ensemble.ExtraTreesRegressor(6, max_depth=4, random_state=0)), ("Ridge", linear_model.Ridge), ("MultiTaskLasso", linear_model.MultiTaskLasso), ("MultiTaskElasticNetCV", linear_model.MultiTaskElasticNetCV),
                       ("GaussianProcessRegressor", lambda: gaussian_process.GaussianProcessRegressor(alpha=0.1))):
        yield f"{name} / two outputs", make(), x, numbers, None
    labels = (numbers > 0).astype(np.int64)
    yield "MultiOutputClassifier", multioutput.MultiOutputClassifier(logistic()), x, labels, None
    for name, make in (("RandomForestClassifier", forest), ("DecisionTreeClassifier", stump), ("KNeighborsClassifier", lambda: neighbors.KNeighborsClassifier(3)), ("MLPClassifier", lambda: neural_network.MLPClassifier((5,), max_iter=60, random_state=0))):
        yield f"{name} / two labels", make(), x, labels, PLAIN


def nearest(data):
    x, y = data("many")
    for metric, more in (("manhattan", {}), ("minkowski", {"p": 3}), ("cosine", {"algorithm": "brute"})):
        yield f"KNeighborsClassifier {metric}", neighbors.KNeighborsClassifier(4, metric=metric, **more), x, y, PLAIN
        yield f"KNeighborsRegressor {metric}", neighbors.KNeighborsRegressor(4, metric=metric, **more), x, y.astype("f4"), None
    yield "KNeighborsClassifier by CDist", neighbors.KNeighborsClassifier(4), x, y, {"zipmap": False, "optim": "cdist"}
    yield "KNeighborsRegressor by CDist", neighbors.KNeighborsRegressor(4, weights="distance"), x, y.astype("f4"), {"optim": "cdist"}
    yield "RadiusNeighborsClassifier", neighbors.RadiusNeighborsClassifier(3.0), x, y, PLAIN
    yield "RadiusNeighborsRegressor uniform", neighbors.RadiusNeighborsRegressor(4.0), x, y.astype("f8"), None


def processes(data):
    x, y = data("number")
    x, y = x[:60], y[:60]
    families = {"RBF": kernels.RBF(1.3), "Matern 1.5": kernels.Matern(1.2, nu=1.5), "Matern 0.5": kernels.Matern(1.2, nu=0.5), "RationalQuadratic": kernels.RationalQuadratic(1.1, 0.7), "ExpSineSquared": kernels.ExpSineSquared(1.0, 4.0) * kernels.RBF(2.0),
                "DotProduct": kernels.DotProduct(0.5), "sum": kernels.ConstantKernel(2.0) * kernels.RBF(1.3) + kernels.WhiteKernel(0.1)}
    for name, kernel in families.items():
        yield f"GaussianProcessRegressor {name}", gaussian_process.GaussianProcessRegressor(kernel, alpha=0.3, optimizer=None), x, y, None
    yield "GaussianProcessRegressor normalised", gaussian_process.GaussianProcessRegressor(families["RBF"], alpha=0.1, optimizer=None, normalize_y=True), x, y, None
    yield "GaussianProcessRegressor, deviation", gaussian_process.GaussianProcessRegressor(families["RBF"], alpha=0.1, optimizer=None), x.astype("f8"), y, {"return_std": True}
    yield "GaussianProcessClassifier RBF", gaussian_process.GaussianProcessClassifier(families["RBF"], optimizer=None), x.astype("f8"), (y > 0).astype(np.int64), {"zipmap": False, "optim": "cdist"}


def outliers(data):
    x, y = data("binary")
    for kernel in ("linear", "poly", "sigmoid"):
        yield f"OneClassSVM {kernel}", svm.OneClassSVM(kernel=kernel), x, y, None
    yield "IsolationForest, scores", ensemble.IsolationForest(n_estimators=6, random_state=0), x, y, {"score_samples": True}
    yield "LocalOutlierFactor 30", neighbors.LocalOutlierFactor(30, novelty=True), x, y, None
    yield "SGDOneClassSVM", linear_model.SGDOneClassSVM(random_state=0), x, y, None
    for covariance in ("full", "tied", "diag", "spherical"):
        yield f"GaussianMixture {covariance}", mixture.GaussianMixture(3, covariance_type=covariance, random_state=0), x, y, None
        yield f"BayesianGaussianMixture {covariance}", mixture.BayesianGaussianMixture(n_components=2, covariance_type=covariance, random_state=0), x, y, None


def options_of_conversion(data):
    for kind in ("binary", "many words"):
        x, y = data(kind)
        for name, make in (("LogisticRegression", logistic), ("SVC", svm.SVC), ("GradientBoostingClassifier", lambda: ensemble.GradientBoostingClassifier(n_estimators=4, random_state=0)), ("SGDClassifier", lambda: linear_model.SGDClassifier(loss="log_loss", random_state=0))):
            yield f"{name} raw scores / {kind}", make(), x, y, {"zipmap": False, "raw_scores": True}
        for name, make in (("LogisticRegression", logistic), ("GaussianNB", naive_bayes.GaussianNB), ("HistGradientBoosting", lambda: ensemble.HistGradientBoostingClassifier(max_iter=4, random_state=0)), ("KNeighbors", lambda: neighbors.KNeighborsClassifier(3)), ("VotingClassifier", lambda: ensemble.VotingClassifier([("a", logistic()), ("b", stump())], voting="soft", flatten_transform=False))):
            yield f"{name} ZipMap of columns / {kind}", make(), x, y, {"zipmap": "columns"}
            yield f"{name} ZipMap of maps / {kind}", make(), x, y, {}
        yield f"DecisionTreeClassifier path / {kind}", stump(), x, y, {"zipmap": False, "decision_path": True}
        yield f"DecisionTreeClassifier leaf / {kind}", stump(), x, y, {"zipmap": False, "decision_leaf": True}
        yield f"RandomForestClassifier paths / {kind}", forest(), x, y, {"zipmap": False, "decision_path": True, "decision_leaf": True}
        yield f"LogisticRegression class labels / {kind}", logistic(), x, y, {"zipmap": False, "output_class_labels": True}


def doubles(data):
    # Without boosting and SVR: the converter declares double outputs for them that their operators do not have.
    x, y = data("many")
    x = x.astype("f8")
    for name, make in (("LogisticRegression", logistic), ("RandomForestClassifier", forest),
                       ("SVC", svm.SVC), ("GaussianNB", naive_bayes.GaussianNB), ("KNeighborsClassifier", lambda: neighbors.KNeighborsClassifier(4)), ("MLPClassifier", lambda: neural_network.MLPClassifier((6,), max_iter=60, random_state=0)),
                       ("pipeline", lambda: pipeline.make_pipeline(preprocessing.StandardScaler(), decomposition.PCA(3), logistic()))):
        yield f"{name} / doubles", make(), x, y, PLAIN
    x, y = data("number")
    x = x.astype("f8")
    for name, make in (("LinearRegression", linear_model.LinearRegression), ("Ridge", linear_model.Ridge), ("GaussianProcessRegressor", lambda: gaussian_process.GaussianProcessRegressor(alpha=0.1)),
                       ("KNeighborsRegressor", lambda: neighbors.KNeighborsRegressor(4)), ("MLPRegressor", lambda: neural_network.MLPRegressor(hidden_layer_sizes=(6,), max_iter=60, random_state=0)),
                       ("StandardScaler", preprocessing.StandardScaler), ("PCA", lambda: decomposition.PCA(3))):
        yield f"{name} / doubles", make(), x, y, None
    counts, y = data("counts")
    for name, make in (("DecisionTreeClassifier", stump), ("LogisticRegression", logistic), ("StandardScaler", preprocessing.StandardScaler)):
        yield f"{name} / integers", make(), counts.astype("i8"), y, None if name == "StandardScaler" else PLAIN


def tables(data):
    x, y = data("words")
    table = pandas.DataFrame({"age": x[:, 0], "height": x[:, 1], "rooms": np.floor(np.abs(x[:, 2]) * 3).astype("i8"),
                              "town": np.array(["Rome", "Paris", "Oslo", "Bern"])[np.floor(np.abs(x[:, 3]) * 2).astype(int) % 4], "class": np.array(["a", "b", "c"])[np.floor(np.abs(x[:, 4]) * 3).astype(int) % 3]})
    numbers, words = ["age", "height"], ["town", "class"]
    one_hot = preprocessing.OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    columns = lambda **more: compose.ColumnTransformer([("n", preprocessing.StandardScaler(), numbers), ("w", one_hot, words)], **more)
    yield "ColumnTransformer", columns(), table, y, None
    yield "ColumnTransformer, LogisticRegression", pipeline.make_pipeline(columns(), logistic()), table, y, PLAIN
    yield "ColumnTransformer, forest, ZipMap", pipeline.make_pipeline(columns(), forest()), table, y, {}
    yield "ColumnTransformer, HistGradientBoosting", pipeline.make_pipeline(columns(), ensemble.HistGradientBoostingClassifier(max_iter=5, random_state=0)), table, y, PLAIN
    ordinal = compose.ColumnTransformer([("o", preprocessing.OrdinalEncoder(), words), ("n", pipeline.make_pipeline(impute.SimpleImputer(), preprocessing.MinMaxScaler()), numbers)])
    yield "ColumnTransformer ordinal, SVC", pipeline.make_pipeline(ordinal, svm.SVC(probability=True, random_state=0)), table, y, PLAIN
    passed = compose.ColumnTransformer([("w", preprocessing.OneHotEncoder(drop="first", sparse_output=False), words), ("p", "passthrough", numbers)])
    yield "ColumnTransformer passed through, MLP", pipeline.make_pipeline(passed, neural_network.MLPClassifier((6,), max_iter=60, random_state=0)), table, y, PLAIN
    yield "ColumnTransformer, weights", columns(transformer_weights={"n": 2.0, "w": 0.5}), table, y, None
    narrow, y = data("binary")
    halves = compose.ColumnTransformer([("a", preprocessing.StandardScaler(), [0, 1]), ("b", preprocessing.KBinsDiscretizer(3, encode="onehot-dense"), [2, 3]), ("c", "drop", [4])])
    yield "ColumnTransformer of one array", halves, narrow, y, None
    yield "ColumnTransformer of one array, stacking", pipeline.make_pipeline(halves, ensemble.StackingClassifier([("a", logistic()), ("b", stump())])), narrow, y, PLAIN


def words(data):
    text = feature_extraction.text
    colours = np.array([["red", "s"], ["blue", "m"], ["red", "l"], ["grün", "s"], ["blue", "s"], ["red", "m"]] * 3)
    y = np.array([0, 1, 0, 1, 0, 1] * 3)
    yield "OneHotEncoder drop first", preprocessing.OneHotEncoder(drop="first", sparse_output=False), colours, y, None
    yield "OneHotEncoder if binary", preprocessing.OneHotEncoder(drop="if_binary", sparse_output=False), colours, y, None
    yield "OrdinalEncoder unknown", preprocessing.OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), colours, y, None
    yield "TargetEncoder", preprocessing.TargetEncoder(cv=2, random_state=0), colours, y, None
    yield "OrdinalEncoder, DecisionTree", pipeline.make_pipeline(preprocessing.OrdinalEncoder(), stump()), colours, y, PLAIN
    yield "OneHotEncoder, SVC, ZipMap", pipeline.make_pipeline(preprocessing.OneHotEncoder(sparse_output=False), svm.SVC(probability=True, random_state=0)), colours, y, {}
    documents = np.array(["The quick brown fox", "jumps over the lazy dog", "and the Fox is quick", "dogs are lazy", "Over THE bridge", "one fox two dogs 42"] * 3)
    for name, v in (("binary", text.CountVectorizer(binary=True)), ("case", text.CountVectorizer(lowercase=False)), ("1-3", text.CountVectorizer(ngram_range=(1, 3))), ("max features", text.CountVectorizer(max_features=5)), ("characters 2-3", text.CountVectorizer(analyzer="char", ngram_range=(2, 3)))):
        yield f"CountVectorizer {name}", v, documents, y, None
    for name, v in (("sublinear", text.TfidfVectorizer(sublinear_tf=True)), ("l1", text.TfidfVectorizer(norm="l1")), ("no norm", text.TfidfVectorizer(norm=None)), ("no idf", text.TfidfVectorizer(use_idf=False)), ("characters", text.TfidfVectorizer(analyzer="char", ngram_range=(1, 2)))):
        yield f"TfidfVectorizer {name}", v, documents, y, None
    yield "CountVectorizer, TfidfTransformer, NB", pipeline.make_pipeline(text.CountVectorizer(), text.TfidfTransformer(), naive_bayes.MultinomialNB()), documents, y, PLAIN
    yield "TfidfVectorizer, SGDClassifier", pipeline.make_pipeline(text.TfidfVectorizer(), linear_model.SGDClassifier(loss="log_loss", random_state=0)), documents, y, PLAIN
    yield "TfidfVectorizer, TruncatedSVD, forest", pipeline.make_pipeline(text.TfidfVectorizer(), decomposition.TruncatedSVD(3, random_state=0), forest()), documents, y, PLAIN
    counts, y = data("counts")
    yield "TfidfTransformer", text.TfidfTransformer(), counts, y, None
    yield "LabelBinarizer", preprocessing.LabelBinarizer(), np.array([3, 1, 2, 1, 3] * 20), None, None


def networks_and_kernels(data):
    for kind in ("binary", "many"):
        x, y = data(kind)
        for activation in ("identity", "logistic"):
            yield f"MLPClassifier {activation} / {kind}", neural_network.MLPClassifier((5, 4), activation=activation, max_iter=60, random_state=0), x, y, PLAIN
        for kernel in ("linear", "poly", "sigmoid"):
            yield f"NuSVC {kernel} / {kind}", svm.NuSVC(nu=0.2, kernel=kernel), x, y, PLAIN
            yield f"SVC {kernel} probability / {kind}", svm.SVC(kernel=kernel, probability=True, random_state=0), x, y, PLAIN
        yield f"NuSVC probability / {kind}", svm.NuSVC(nu=0.2, probability=True, random_state=0), x, y, PLAIN
        yield f"SVC one against the rest / {kind}", svm.SVC(decision_function_shape="ovo"), x, y, {"zipmap": False, "raw_scores": True}
        yield f"SGDClassifier huber / {kind}", linear_model.SGDClassifier(loss="modified_huber", random_state=0), x, y, PLAIN
    x, y = data("number")
    for activation in ("identity", "logistic", "tanh"):
        yield f"MLPRegressor {activation}", neural_network.MLPRegressor(hidden_layer_sizes=(5, 4), activation=activation, max_iter=60, random_state=0), x, y, None
    for kernel in ("linear", "poly", "sigmoid"):
        yield f"NuSVR {kernel}", svm.NuSVR(kernel=kernel), x, y, None
    for loss in ("absolute_error", "huber", "quantile"):
        yield f"GradientBoostingRegressor {loss}", ensemble.GradientBoostingRegressor(n_estimators=5, loss=loss, random_state=0), x, y, None
    x, y = data("positive")
    for loss in ("poisson", "absolute_error", "gamma"):
        yield f"HistGradientBoostingRegressor {loss}", ensemble.HistGradientBoostingRegressor(max_iter=5, loss=loss, random_state=0), x, y, None


def cases(data):
    for group in (selections, transformers, compositions, several_outputs, nearest, processes, outliers, options_of_conversion, doubles, tables, words, networks_and_kernels):
        yield from group(data)


def boosting(data):
    """More of XGBoost and LightGBM: other boosters, rankers, inside pipelines, bare boosters."""
    import lightgbm
    import xgboost

    quiet = {"n_estimators": 6, "verbose": -1}
    x, y = data("binary")
    yield "XGBClassifier sampled", xgboost.XGBClassifier(n_estimators=6, max_depth=3, subsample=0.7, colsample_bytree=0.6), x, y, PLAIN
    yield "XGBClassifier base score", xgboost.XGBClassifier(n_estimators=6, base_score=0.3, max_depth=3), x, y, PLAIN
    yield "XGBClassifier ZipMap", xgboost.XGBClassifier(n_estimators=6, max_depth=3), x, y, {}
    yield "XGBRegressor logistic", xgboost.XGBRegressor(n_estimators=6, objective="reg:logistic"), x, y.astype("f4"), None
    yield "scaler, XGBClassifier", pipeline.make_pipeline(preprocessing.StandardScaler(), xgboost.XGBClassifier(n_estimators=6, max_depth=3)), x, y, PLAIN
    yield "LGBMClassifier ZipMap", lightgbm.LGBMClassifier(**quiet), x, y, {}
    yield "LGBMClassifier goss", lightgbm.LGBMClassifier(boosting_type="goss", **quiet), x, y, PLAIN
    yield "scaler, LGBMClassifier", pipeline.make_pipeline(preprocessing.StandardScaler(), lightgbm.LGBMClassifier(**quiet)), x, y, PLAIN
    yield "stacked XGB and LGBM", ensemble.StackingClassifier([("x", xgboost.XGBClassifier(n_estimators=4, max_depth=3)), ("l", lightgbm.LGBMClassifier(**quiet))]), x, y, PLAIN
    x, y = data("many")
    yield "XGBClassifier softmax", xgboost.XGBClassifier(n_estimators=6, objective="multi:softprob", max_depth=3), x, y, PLAIN
    yield "LGBMClassifier one against the rest", lightgbm.LGBMClassifier(objective="multiclassova", **quiet), x, y, PLAIN
    x, y = data("number")
    yield "LGBMRegressor huber", lightgbm.LGBMRegressor(objective="huber", **quiet), x, y, None
    yield "LGBMRegressor split", lightgbm.LGBMRegressor(n_estimators=30, verbose=-1), x, y, {"split": 10}
    yield "voting XGB and LGBM", ensemble.VotingRegressor([("x", xgboost.XGBRegressor(n_estimators=4, max_depth=3)), ("l", lightgbm.LGBMRegressor(**quiet))]), x, y, None
