"""The graph of the Universal Sentence Encoder multilingual v3: n-gram convolutions over a table, then a small MLP."""

import numpy as np
import onnx
from onnx import TensorProto

from onnx_graph import GraphWriter
from use_weights import CODES, COLUMNS, NIBBLE, PARTS, Weights, pack

WINDOWS = ((2, 0), (3, 1), (5, 2))
"""Width of each n-gram branch and how many of its tokens lie to the left."""

FEATURES = 256
"""Columns of each branch."""


def build(weights: Weights, keep: list[int]) -> onnx.ModelProto:
    """The encoder whose table has the kept rows only."""
    graph = GraphWriter()
    embeddings(graph, weights, keep)
    graph.node("Cast", ["attention_mask"], "mask", to=TensorProto.FLOAT)
    graph.node("Unsqueeze", ["mask", constant(graph, [2])], "mask3")
    dense = Dense(graph, weights)
    branches = project(dense)
    features = [
        "embedded",
        *(convolutions(dense, branch, *window) for branch, window in zip(branches, WINDOWS, strict=True)),
    ]
    graph.node("Concat", features, "features", axis=2)
    dense.layer_norm("features", weights.dense["ln_g"], weights.dense["ln_b"], "features_norm")
    graph.node("Mul", ["features_norm", "mask3"], "features_masked")
    perceptron(dense, mean_over_tokens(dense))
    return graph.sentence_encoder("use3", COLUMNS, [], "use3-convert")


def constant(graph: GraphWriter, values: list[int]) -> str:
    return graph.weight("int_" + "_".join(map(str, values)), np.array(values, np.int64))


def embeddings(graph: GraphWriter, weights: Weights, keep: list[int]) -> None:
    """`embedded`: the tokens' rows, unpacked after they are looked up so that the table stays small in memory."""
    table = pack(weights.codes[keep])
    look_up(graph, graph.weight("table_low", table.low), "input_ids", "low_bytes")
    look_up(graph, graph.weight("high_row", table.high_row), "input_ids", "high_index", to=TensorProto.INT64)
    look_up(graph, graph.weight("table_high", table.high), "high_index", "high_bytes")
    graph.node("Concat", unpacked(graph, "low_bytes", 2), "low_codes", axis=2)
    graph.node("Concat", unpacked(graph, "high_bytes", 4), "high_codes", axis=2)
    graph.node("Mul", ["high_codes", graph.weight("nibble", np.float32(NIBBLE))], "high_part")
    graph.node("Add", ["low_codes", "high_part"], "codes")
    # The 17 scales and 64 offsets give 1,088 pairs of factor and summand: two bytes a row say which.
    pairs = np.arange(PARTS * CODES)
    scale, offset = weights.scale[pairs // CODES], pairs % CODES
    row_pairs = (np.array(keep) % PARTS * CODES + table.offset).astype(np.uint16)
    look_up(graph, graph.weight("row_pair", row_pairs[:, None]), "input_ids", "pair", to=TensorProto.INT64)
    factors = graph.weight("factors", scale.astype(np.float32))
    summands = graph.weight("summands", (weights.low[pairs // CODES] + scale * offset).astype(np.float32))
    graph.node("Gather", [factors, "pair"], "factor", axis=0)
    graph.node("Gather", [summands, "pair"], "summand", axis=0)
    graph.node("Mul", ["codes", "factor"], "scaled")
    graph.node("Add", ["scaled", "summand"], "embedded")


def look_up(graph: GraphWriter, table: str, index: str, output: str, to: int = TensorProto.FLOAT) -> str:
    """Rows of a table of small integers, as another type."""
    graph.node("Gather", [table, index], output + "_raw", axis=0)
    return graph.node("Cast", [output + "_raw"], output, to=to)


def unpacked(graph: GraphWriter, x: str, parts: int) -> list[str]:
    """So many numbers of each byte, lowest first, by arithmetic that every run time has."""
    base = graph.weight(f"base{parts}", np.float32(1 << (8 // parts)))
    numbers = []
    for part in range(parts - 1):
        graph.node("Div", [x, base], f"{x}_shifted{part}")
        rest = graph.node("Floor", [f"{x}_shifted{part}"], f"{x}_rest{part}")
        graph.node("Mul", [rest, base], f"{x}_above{part}")
        numbers.append(graph.node("Sub", [x, f"{x}_above{part}"], f"{x}_number{part}"))
        x = rest
    return [*numbers, x]


class Dense:
    """Layers with weights from the package, stored as 8-bit columns that both run times fold to floats at load."""

    def __init__(self, graph: GraphWriter, weights: Weights) -> None:
        self.graph = graph
        self.weights = weights.dense
        self.epsilon = weights.epsilon

    def linear(self, x: str, matrix: np.ndarray, bias: np.ndarray | None, output: str) -> str:
        graph = self.graph
        scale = np.abs(matrix).max(axis=0) / 127
        scale[scale == 0] = 1
        graph.weight(output + "_w8", np.rint(matrix / scale).astype(np.int8))
        graph.node("Cast", [output + "_w8"], output + "_wf", to=TensorProto.FLOAT)
        scale_row = graph.weight(output + "_ws", scale.astype(np.float32)[None, :])
        graph.node("Mul", [output + "_wf", scale_row], output + "_w")
        if bias is None:
            return graph.node("MatMul", [x, output + "_w"], output)
        graph.node("MatMul", [x, output + "_w"], output + "_product")
        return graph.node("Add", [output + "_product", graph.weight(output + "_b", bias)], output)

    def named(self, x: str, name: str, output: str) -> str:
        return self.linear(x, self.weights[name], None, output)

    def layer_norm(self, x: str, scale: np.ndarray, shift: np.ndarray, output: str) -> str:
        return self.graph.layer_norm(x, scale, shift, output, ("_scale", "_shift"), self.epsilon)


def project(dense: Dense) -> list[str]:
    """The branches' inputs: one projection and one normalisation over all of them together, then split."""
    graph, widths = dense.graph, [width for width, _ in WINDOWS]
    joined = {
        name: np.concatenate([dense.weights[f"{name}{width}"] for width in widths], axis=-1)
        for name in ("proj", "proj_b", "ln_g", "ln_b")
    }
    dense.linear("embedded", joined["proj"], joined["proj_b"], "projected")
    dense.layer_norm("projected", joined["ln_g"], joined["ln_b"], "projected_norm")
    graph.node("Mul", ["projected_norm", "mask3"], "projected_masked")
    branches = [f"branch{width}" for width in widths]
    graph.node("Split", ["projected_masked", constant(graph, [FEATURES] * len(widths))], branches, axis=2)
    graph.node("Slice", [branches[0], constant(graph, [0]), constant(graph, [1]), constant(graph, [1])], "first_token")
    graph.node("Mul", ["first_token", graph.weight("zero", np.float32(0))], "zero_token")
    return branches


def convolutions(dense: Dense, branch: str, width: int, left: int) -> str:
    """Two residual n-gram convolutions."""
    graph, weights = dense.graph, dense.weights
    window(graph, branch, width, left, f"window1_{width}")
    dense.linear(f"window1_{width}", weights[f"w1_{width}"], weights[f"b1_{width}"], f"conv1_{width}")
    graph.node("Relu", [f"conv1_{width}"], f"relu1_{width}")
    graph.node("Add", [f"relu1_{width}", branch], f"sum1_{width}")
    graph.node("Mul", [f"sum1_{width}", "mask3"], f"hidden{width}")
    window(graph, f"hidden{width}", width, left, f"window2_{width}")
    dense.linear(f"window2_{width}", weights[f"w2_{width}"], weights[f"b2_{width}"], f"conv2_{width}")
    graph.node("Relu", [f"conv2_{width}"], f"relu2_{width}")
    return graph.node("Add", [f"relu2_{width}", f"hidden{width}"], f"ngrams{width}")


def window(graph: GraphWriter, x: str, width: int, left: int, output: str) -> str:
    """Each token beside its neighbours. Padded with rows of zeros, because tract has no Pad of computed size."""
    right = width - 1 - left
    padded = graph.node("Concat", ["zero_token"] * left + [x] + ["zero_token"] * right, output + "_padded", axis=1)
    parts = []
    for shift in range(width):
        end = shift - (width - 1) or np.iinfo(np.int32).max
        bounds = [constant(graph, [shift]), constant(graph, [end]), constant(graph, [1])]
        parts.append(graph.node("Slice", [padded, *bounds], f"{output}_{shift}"))
    return graph.node("Concat", parts, output, axis=2)


def mean_over_tokens(dense: Dense) -> str:
    """The linear layer over the tokens' sum, divided by the root of their number."""
    graph, axis = dense.graph, constant(dense.graph, [1])
    graph.node("ReduceSum", ["features_masked", axis], "features_sum", keepdims=0)
    graph.node("ReduceSum", ["mask", axis], "tokens", keepdims=1)
    dense.named("features_sum", "cnn_W", "summed")
    graph.node("Mul", ["tokens", graph.weight("summed_b", dense.weights["cnn_b"][None, :])], "summed_bias")
    graph.node("Add", ["summed", "summed_bias"], "summed_all")
    graph.node("Sqrt", ["tokens"], "tokens_root")
    return graph.node("Div", ["summed_all", "tokens_root"], "mean")


def perceptron(dense: Dense, x: str) -> None:
    """The residual MLP, tanh, and scaling to length 1."""
    graph = dense.graph
    dense.named(x, "d0", "mlp0")
    graph.node("Relu", ["mlp0"], "mlp0_relu")
    dense.named(x, "p1", "mlp1_skip")
    dense.named("mlp0_relu", "d1", "mlp1_deep")
    graph.node("Add", ["mlp1_skip", "mlp1_deep"], "mlp1")
    graph.node("Relu", ["mlp1"], "mlp1_relu")
    dense.named("mlp1_relu", "d2", "mlp2")
    graph.node("Relu", ["mlp2"], "mlp2_relu")
    dense.named("mlp1_relu", "p3", "mlp3_skip")
    dense.named("mlp2_relu", "d3", "mlp3_deep")
    graph.node("Add", ["mlp3_skip", "mlp3_deep"], "mlp3")
    graph.node("Tanh", ["mlp3"], "vector")
    graph.node("Mul", ["vector", "vector"], "squares")
    graph.node("ReduceSum", ["squares", constant(graph, [1])], "square_sum", keepdims=1)
    graph.node("Max", ["square_sum", graph.weight("epsilon", np.float32(dense.epsilon))], "square_sum_safe")
    graph.node("Sqrt", ["square_sum_safe"], "length")
    graph.node("Div", ["vector", "length"], "sentence_embedding")
