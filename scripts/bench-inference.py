"""The two networks of `TaktBench policy` in PyTorch and in ONNX Runtime, on the weights that it has written, one thread.

usage: bench-inference.py FOLDER check    prints the largest difference to takt's probabilities; ends with 2 beyond 1e-6
       bench-inference.py FOLDER time     that, and CPU nanoseconds of an inference, the fastest of some rounds

Runs in the environment that scripts/bench --compare makes. Written from the formulas, without takt's code; the modules
are PyTorch's own, in evaluation mode under inference_mode, where it takes its fused paths.
"""

import json
import logging
import math
import pathlib
import sys
import time
import warnings

import numpy as np
import onnxruntime
import torch
from safetensors.numpy import load_file
from torch import nn

TOLERANCE = 1e-6
ROUNDS = 5
HEADS = 4


def perceptron(weights):
    """Linear layers with ReLU between them."""
    layers = []
    for name in sorted(key for key in weights if key.endswith(".weight")):
        outputs, inputs = weights[name].shape
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    network = nn.Sequential(*layers[:-1])

    class Perceptron(nn.Module):
        def __init__(self):
            super().__init__()
            self.policy = network

        def forward(self, state):
            return torch.softmax(self.policy(state), -1)

    return Perceptron()


def head(inputs, inner, outputs):
    return nn.Sequential(nn.Linear(inputs, inner), nn.GELU(), nn.Linear(inner, outputs))


def encoder(width, layers):
    layer = nn.TransformerEncoderLayer(
        width, HEADS, 4 * width, dropout=0, activation="gelu", batch_first=True, norm_first=False)
    return nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)


class TemporalEncoder(nn.Module):
    """[1, time, width] → [1, width]: encoded rows, averaged with weights that depend on them."""

    def __init__(self, width, layers, rows):
        super().__init__()
        self.feature_embedding = nn.Linear(width, width)
        self.transformer_encoder = encoder(width, layers)
        self.temporal_pooling = nn.ModuleDict({"temporal_attention": head(width, width // 2, 1)})
        position = torch.arange(rows, dtype=torch.float64)[:, None]
        angle = position * torch.exp(-torch.arange(0, width, 2, dtype=torch.float64) * math.log(10_000) / width)
        places = torch.stack([torch.sin(angle), torch.cos(angle)], -1).reshape(1, rows, width)
        self.register_buffer("places", places.float(), persistent=False)

    def forward(self, history):
        encoded = self.transformer_encoder(self.feature_embedding(history) + self.places)
        weights = torch.softmax(self.temporal_pooling["temporal_attention"](encoded), 1)
        return (weights * encoded).sum(1)


class FeatureAttention(nn.Module):
    """[1, width] → [1, width]: the state, each number weighted by its importance."""

    def __init__(self, width):
        super().__init__()
        self.feature_projection = nn.Linear(width, width)
        self.multihead_attn = nn.MultiheadAttention(width, HEADS, batch_first=True)
        self.feature_importance = head(width, width, width)

    def forward(self, state):
        row = self.feature_projection(state)[:, None]
        seen, _ = self.multihead_attn(row, row, row, need_weights=False)
        return state * torch.softmax(self.feature_importance(seen[:, 0]), -1)


class Decider(nn.Module):
    def __init__(self, width, actions):
        super().__init__()
        self.state_embedding = nn.Linear(2 * width, width)
        self.transformer_encoder = encoder(width, 1)
        self.action_head = head(width, width, actions)

    def forward(self, combined):
        row = self.transformer_encoder(self.state_embedding(combined)[:, None])
        return self.action_head(row[:, 0])


class Transformer(nn.Module):
    def __init__(self, width, layers, rows, actions):
        super().__init__()
        self.temporal_encoder = TemporalEncoder(width, layers, rows)
        self.feature_attention = FeatureAttention(width)
        self.policy_network = Decider(width, actions)

    def forward(self, state, history):
        combined = torch.cat([self.temporal_encoder(history), self.feature_attention(state)], -1)
        return torch.softmax(self.policy_network(combined), -1)


def load(folder, family):
    """The module with the written weights, its inputs by name, and takt's probabilities."""
    weights = load_file(folder / f"{family}.safetensors")
    asked = load_file(folder / f"{family}-asked.safetensors")
    inputs = {"state": asked["state"][None]}
    if family == "perceptron":
        module = perceptron(weights)
    else:
        inputs["history"] = asked["history"][None]
        rows, width = asked["history"].shape
        layers = sum(
            name.startswith("temporal_encoder.transformer_encoder") and name.endswith("linear1.weight") for name in weights)
        module = Transformer(width, layers, rows, len(asked["probabilities"]))
    # Strictly: a tensor too many or too few would be another network.
    module.load_state_dict({name: torch.from_numpy(values) for name, values in weights.items()})
    return module.eval(), inputs, asked["probabilities"]


def in_pytorch(module, inputs):
    tensors = [torch.from_numpy(values) for values in inputs.values()]
    return lambda: module(*tensors).numpy()


def in_onnx_runtime(module, inputs, path):
    tensors = tuple(torch.from_numpy(values) for values in inputs.values())
    torch.onnx.export(module, tensors, path, input_names=list(inputs), output_names=["probabilities"], verbose=False)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return lambda: session.run(None, inputs)[0]


def fastest(ask, times):
    for _ in range(20):
        ask()
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.process_time_ns()
        for _ in range(times):
            ask()
        best = min(best, (time.process_time_ns() - began) / times)
    return best


def main(folder, task):
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    torch.set_num_threads(1)
    versions = {"PyTorch": torch.__version__, "ONNX Runtime": onnxruntime.__version__}
    asked = []
    for family, times in [("perceptron", 2000), ("transformer", 40)]:
        module, inputs, expected = load(folder, family)
        runtime = in_onnx_runtime(module, inputs, str(folder / f"{family}.onnx"))
        for library, ask in [("PyTorch", in_pytorch(module, inputs)), ("ONNX Runtime", runtime)]:
            with torch.inference_mode():
                difference = float(np.abs(ask()[0] - expected).max())
            if not difference <= TOLERANCE:
                print(f"{family} in {library}: probabilities differ by {difference}", file=sys.stderr)
                return 2
            asked.append((family, library, ask, times, difference))
    for family, library, ask, times, difference in asked:
        answer = {"name": family, "library": f"{library} {versions[library]}", "difference": difference}
        if task == "time":
            with torch.inference_mode():
                answer["nanoseconds"] = fastest(ask, times)
        print(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]), sys.argv[2]))
