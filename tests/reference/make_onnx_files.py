"""Makes onnx/*.onnx: one small network in the forms in which other programs write it (onnx 1.23.2, numpy).

Its logit is the sum over the pixels (2 bands, 4 x 4) of pixel times (i + 1) / 64, i counting band, row, column: any change of order or
value shows, and all products are exact. external_any_size.onnx takes 1 band of 32 x 32 pixels, with the weights (i mod 7 - 3) / 64.
`big_*.onnx` hold a node each whose result is 1.2 GB, 24 GB or of no known size."""
import pathlib

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper, numpy_helper

out = pathlib.Path(__file__).parent / "onnx"
out.mkdir(exist_ok=True)
info = helper.make_tensor_value_info
node = helper.make_node
BANDS, SIZE = 2, 4
WEIGHTS = ((np.arange(BANDS * SIZE * SIZE) + 1) / 64).astype(np.float32).reshape(-1, 1)
LARGE = ((np.arange(32 * 32) % 7 - 3) / 64).astype(np.float32).reshape(-1, 1)


def i64(name, values):
    return numpy_helper.from_array(np.array(values, np.int64), name)


def save(name, nodes, inputs, outputs, constants=(), opset=17, external=None, weights=WEIGHTS):
    graph = helper.make_graph(nodes, "g", inputs, outputs, [numpy_helper.from_array(weights, "w"), *constants])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    where = {} if external is None else {"save_as_external_data": True, "location": external, "size_threshold": 0}
    (out / (external or "")).unlink(missing_ok=True) if external else None
    onnx.save_model(model, str(out / name), **where)


def flat(pixels="x", last="y"):
    return [node("Flatten", [pixels], ["flat"], axis=1), node("MatMul", ["flat", "w"], [last])]


pixels = info("x", T.FLOAT, ["n", BANDS, SIZE, SIZE])
logit = info("y", T.FLOAT, ["n", 1])
save("plain.onnx", flat(), [pixels], [logit])
save("external.onnx", flat(), [pixels], [logit], external="external.onnx.data")
large = [info("x", T.FLOAT, ["n", 1, "h", "w"])]
save("external_any_size.onnx", flat(), large, [logit], external="external_any_size.onnx.data", weights=LARGE)
save("half.onnx", [node("Cast", ["x"], ["x32"], to=T.FLOAT), *flat("x32")], [info("x", T.FLOAT16, ["n", BANDS, SIZE, SIZE])], [logit])
save("double_out.onnx", [*flat(), node("Cast", ["y"], ["d"], to=T.DOUBLE)], [pixels], [info("d", T.DOUBLE, ["n", 1])])
last = [node("Transpose", ["x"], ["t"], perm=[0, 3, 1, 2]), *flat("t")]
save("channels_last.onnx", last, [info("x", T.FLOAT, ["n", SIZE, SIZE, BANDS])], [logit])
last_half = [node("Transpose", ["x"], ["t"], perm=[0, 3, 1, 2]), node("Cast", ["t"], ["x32"], to=T.FLOAT), *flat("x32")]
save("channels_last_half.onnx", last_half, [info("x", T.FLOAT16, ["n", SIZE, SIZE, BANDS])], [logit])
save("any_size.onnx", flat(), [info("x", T.FLOAT, ["n", BANDS, "h", "w"])], [logit])
features = [*flat(), node("Identity", ["flat"], ["features"])]
save("features.onnx", features, [pixels], [info("features", T.FLOAT, ["n", BANDS * SIZE * SIZE]), logit])
two = [*flat(), node("Sigmoid", ["y"], ["p"])]
save("two_logits.onnx", two, [pixels], [info("p", T.FLOAT, ["n", 1]), logit])
save("four_axes.onnx", [*flat(last="z"), node("Reshape", ["z", "s"], ["y"])], [pixels], [info("y", T.FLOAT, ["n", 1, 1, 1])], [i64("s", [-1, 1, 1, 1])])

# What must be refused before it takes memory.
N = 300_000_000
one = numpy_helper.from_array(np.ones(1, np.float32), "one")
sum_in = [node("ReduceSum", ["c"], ["r"], keepdims=0), node("Add", ["z", "r"], ["y"])]


def big(name, nodes, constants=(), tail=None):
    save(f"big_{name}.onnx", [*flat(last="z"), *nodes, *(sum_in if tail is None else tail)], [pixels], [logit], constants)


twice = [node("ConstantOfShape", ["s"], ["a"]), node("Exp", ["a"], ["b"]), node("Add", ["a", "b"], ["c"])]
big("constant_of_shape", twice, [i64("s", [N])])
big("expand", [node("Expand", ["one", "s"], ["c"])], [one, i64("s", [20 * N])])
big("tile", [node("Tile", ["one", "s"], ["c"])], [one, i64("s", [20 * N])])
add_up = [node("ReduceSum", ["c", "axis"], ["r"], keepdims=1), node("Add", ["z", "r"], ["y"])]
big("pad", [node("Pad", ["z", "p"], ["c"])], [i64("p", [0, 0, 0, N]), i64("axis", [1])], add_up)
doubled = [node("Concat", [f"c{i}", f"c{i}"], [f"c{i + 1}"], axis=0) for i in range(32)]
big("doubling", [node("Identity", ["one"], ["c0"]), *doubled, node("Identity", ["c32"], ["c"])], [one])
shaped = [node("ReduceSum", ["x"], ["t"], keepdims=0), node("Cast", ["t"], ["i"], to=T.INT64), node("Add", ["i", "s"], ["u"])]
big("pixels_decide", [*shaped, node("ConstantOfShape", ["u"], ["c"])], [i64("s", [N])])
sparse = onnx.SparseTensorProto(dims=[N])
sparse.values.CopyFrom(numpy_helper.from_array(np.ones(1, np.float32), "v"))
sparse.indices.CopyFrom(i64("i", [0]))
big("sparse", [node("Constant", [], ["c"], sparse_value=sparse)])

# Weights that are said to lie where no stranger's network may read.
for name, place in [("outside", "../small_state.pt"), ("absolute", "/etc/passwd"), ("missing", "gone.data")]:
    model = onnx.load(str(out / "external.onnx"), load_external_data=False)
    for entry in model.graph.initializer[0].external_data:
        if entry.key == "location":
            entry.value = place
    (out / f"weights_{name}.onnx").write_bytes(model.SerializeToString())
