"""ONNX Runtime and LiteRT, which are loaded when they are needed."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import DataError

Array = np.ndarray[Any, Any]
Run = Callable[[Array], Sequence[Array]]
ONLY_ERRORS = 3


def onnx(model: Path | bytes) -> Run:
    """A network that takes one array and gives all its outputs, in its order; several threads may ask it at once."""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # else it tells Microsoft of networks and machine, from its import on
    try:
        import onnxruntime
    except ImportError:
        raise _missing("onnxruntime") from None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = 1, 1
    options.log_severity_level = ONLY_ERRORS
    options.enable_cpu_mem_arena = False  # it never gives back what frames of another shape needed
    try:
        session = onnxruntime.InferenceSession(
            model if isinstance(model, bytes) else str(model), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # noqa: BLE001 - it has no class of its own for a file that is no network
        name = "weights" if isinstance(model, bytes) else str(model)
        reason = str(error).strip().partition("\n")[0]
        raise DataError(f"{name}: no network that ONNX Runtime can run: {reason}") from None
    name = session.get_inputs()[0].name
    return lambda given: session.run(None, {name: given})


def litert(model: Path) -> Run:
    """The same for a .tflite file, for one thread at a time."""
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError:
        raise _missing("ai-edge-litert") from None
    try:
        interpreter = Interpreter(model_path=str(model), num_threads=1)
        interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        raise DataError(f"{model}: no network that LiteRT can run: {error}") from None
    place = interpreter.get_input_details()[0]["index"]
    answers = [one["index"] for one in interpreter.get_output_details()]

    def run(given: Array) -> Sequence[Array]:
        interpreter.set_tensor(place, given)
        interpreter.invoke()
        return [interpreter.get_tensor(answer) for answer in answers]

    return run


def _missing(package: str) -> DataError:
    return DataError(f"{package} is not installed, which runs this detector", hint="pip install 'footplate[extract]'")
