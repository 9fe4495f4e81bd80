"""A thin writer for ONNX graphs: nodes are named for their output, weights are initialisers."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
IR_VERSION = 8


class GraphWriter:
    """Collects nodes and initialisers in the order they are added."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: dict[str, onnx.TensorProto] = {}

    def weight(self, name: str, array: np.ndarray | np.generic) -> str:
        """Adds an initialiser once; a second call with the same name returns the first."""
        if name not in self.initializers:
            self.initializers[name] = numpy_helper.from_array(np.ascontiguousarray(array), name)
        return name

    def node(self, operator: str, inputs: list[str], output: str | list[str], domain: str = "", **attributes) -> str:
        """Adds a node and returns the name of its first output."""
        outputs = output if isinstance(output, list) else [output]
        self.nodes.append(
            helper.make_node(operator, inputs, outputs, name=f"{outputs[0]}_n", domain=domain, **attributes)
        )
        return outputs[0]

    def layer_norm(
        self, x: str, scale: np.ndarray, shift: np.ndarray, output: str, names: tuple[str, str], epsilon: float
    ) -> str:
        """Layer normalisation over the last axis; `names` are the suffixes of its two weights."""
        inputs = [x, self.weight(output + names[0], scale), self.weight(output + names[1], shift)]
        return self.node("LayerNormalization", inputs, output, axis=-1, epsilon=epsilon)

    def sentence_encoder(self, name: str, dimensions: int, domains: list[str], producer: str) -> onnx.ModelProto:
        """The whole model: token ids and mask in, one `sentence_embedding` a row out."""
        tokens = ["batch", "seq"]
        inputs = [helper.make_tensor_value_info(n, TensorProto.INT64, tokens) for n in ("input_ids", "attention_mask")]
        outputs = [helper.make_tensor_value_info("sentence_embedding", TensorProto.FLOAT, ["batch", dimensions])]
        graph = helper.make_graph(self.nodes, name, inputs, outputs, list(self.initializers.values()))
        opsets = [helper.make_opsetid("", OPSET), *(helper.make_opsetid(domain, 1) for domain in domains)]
        model = helper.make_model(graph, opset_imports=opsets, producer_name=producer)
        model.ir_version = IR_VERSION
        return model
