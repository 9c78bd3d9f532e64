"""Tree ensembles: Samoyed beside ONNX Runtime and the framework that trained them, and whether all say the same.

    bench/trees.py --samoyed build/release/bin/samoyed --work build/bench/trees [--threads 1 2] [--seconds 0.5]

Needs the packages of tests/interop/requirements-operators.txt (scikit-learn, XGBoost, LightGBM, skl2onnx, onnxmltools, onnxruntime).
Prints a Markdown table: median ms of a call with 1 and with 10,000 rows of 20 features, and the largest difference of a
probability (or of a regression's value, relative) between Samoyed and ONNX Runtime, and how many labels are others than ONNX Runtime's and
the framework's (ONNX Runtime adds up in another order with several threads, which decides ties). Samoyed's time is of its own process, without start-up.
"""
import argparse, json, math, os, pathlib, subprocess, time

FEATURES, MANY = 20, 10000


def parse():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--samoyed", required=True)
    ap.add_argument("--work", required=True, type=pathlib.Path, help="folder for the models; those that are there are used")
    ap.add_argument("--threads", type=int, nargs="+", default=[1])
    ap.add_argument("--seconds", type=float, default=0.5, help="of each measurement")
    ap.add_argument("--only", nargs="*", help="names of ensembles")
    return ap.parse_args()


def ensembles(np):
    """Name -> (a function that trains, one that converts)."""
    import lightgbm, onnxmltools, skl2onnx, xgboost
    from onnxmltools.convert.common.data_types import FloatTensorType
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
    rng = np.random.default_rng(0)
    x = rng.normal(size=(5000, FEATURES)).astype(np.float32)
    kinds = (x[:, 0] * x[:, 1] + x[:, 2] > 0).astype(int) + (x[:, 3] > 0.5)
    value = x[:, 0] * x[:, 1] + np.sin(x[:, 2])
    types = [("x", FloatTensorType([None, FEATURES]))]
    forest = lambda m: skl2onnx.to_onnx(m, x[:1], options={} if isinstance(m, RandomForestRegressor) else {"zipmap": False}, target_opset={"": 18, "ai.onnx.ml": 3})
    boosted = lambda m: onnxmltools.convert_xgboost(m, initial_types=types, target_opset=15)
    light = lambda m: onnxmltools.convert_lightgbm(m, initial_types=types, target_opset=15, **({"zipmap": False} if hasattr(m, "classes_") else {}))
    out = {}
    for trees in (100, 1000):
        for depth in (6, None):
            out[f"RandomForestClassifier {trees}, depth {depth or 'unlimited'}"] = (lambda n=trees, d=depth: RandomForestClassifier(n, max_depth=d, n_jobs=1, random_state=0).fit(x, kinds), forest)
        out[f"XGBRegressor {trees}, depth 6"] = (lambda n=trees: xgboost.XGBRegressor(n_estimators=n, max_depth=6, n_jobs=1).fit(x, value), boosted)
        out[f"LGBMClassifier {trees}, 31 leaves"] = (lambda n=trees: lightgbm.LGBMClassifier(n_estimators=n, verbose=-1, n_jobs=1).fit(x, (kinds > 0).astype(int)), light)
    return out


def median_ms(call, seconds, np):
    times, end = [], time.perf_counter() + seconds
    while len(times) < 3 or time.perf_counter() < end:
        begin = time.perf_counter()
        call()
        times.append(time.perf_counter() - begin)
    return float(np.median(times)) * 1e3


def main():
    a = parse()
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = str(max(a.threads))
    import numpy as np, onnx, onnxruntime, pickle
    onnxruntime.set_default_logger_severity(4)
    a.work.mkdir(parents=True, exist_ok=True)
    print("| | threads | rows | Samoyed | ONNX Runtime | framework | best of those / Samoyed | difference | labels |\n|---|---|---|---|---|---|---|---|---|")
    ratios = []
    for name, (train, convert) in ensembles(np).items():
        if a.only and name not in a.only:
            continue
        stem = a.work / name.replace(" ", "_").replace(",", "")
        model, pickled = stem.with_suffix(".onnx"), stem.with_suffix(".pickle")
        if not model.exists():
            trained = train()
            onnx.save(convert(trained), model)
            pickled.write_bytes(pickle.dumps(trained))
        trained = pickle.loads(pickled.read_bytes())
        own = trained.predict_proba if hasattr(trained, "predict_proba") else trained.predict
        for threads in a.threads:
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = threads
            session = onnxruntime.InferenceSession(str(model), options)
            feed = session.get_inputs()[0].name
            if hasattr(trained, "n_jobs"):
                trained.n_jobs = threads
            for rows in (1, MANY):
                x = np.random.default_rng(1).normal(size=(rows, FEATURES)).astype(np.float32)
                peer = median_ms(lambda: session.run(None, {feed: x}), a.seconds, np)
                framework = median_ms(lambda: own(x), a.seconds, np)
                file, result = a.work / "x.npy", a.work / "outputs.npz"
                np.save(file, x)
                bench = subprocess.run([a.samoyed, "bench", model, "--threads", str(threads), "--seconds", str(a.seconds), "--json", "-", "--shape", f"{feed}={rows}x{FEATURES}"],
                                       capture_output=True, text=True, check=True)
                ours = float(np.median(json.loads(bench.stdout)["lat_ms"]))
                subprocess.run([a.samoyed, "run", model, "--input", f"{feed}={file}", "--output-dir", a.work, "--format", "npz"], capture_output=True, check=True)
                got = np.load(result)
                names = [o.name for o in session.get_outputs()]
                expected = dict(zip(names, session.run(None, {feed: x})))
                last = names[-1]
                difference = np.abs(got[last].reshape(expected[last].shape) - expected[last]) / np.maximum(1, np.abs(expected[last]))
                labels = "" if len(names) == 1 else f"{(got[names[0]] != expected[names[0]]).sum()}, {(got[names[0]] != trained.predict(x)).sum()}"
                ratios.append(min(peer, framework) / ours)
                print(f"| {name} | {threads} | {rows} | {ours:.4g} | {peer:.4g} | {framework:.4g} | {ratios[-1]:.2f} | {difference.max():.1e} | {labels} |", flush=True)
    print(f"\nGeometric mean of the best of the others / Samoyed: {math.exp(sum(map(math.log, ratios)) / len(ratios)):.2f}")


if __name__ == "__main__":
    main()
