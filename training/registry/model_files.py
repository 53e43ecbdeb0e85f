"""What MLflow's pages need to show a model: what it takes and gives, and an example; never code, never a pickle."""

from __future__ import annotations

import json
from pathlib import Path

from training.registry.connection import mlflow
from training.registry.records import ModelShape

BUNDLE = "bundle"
EXAMPLE = "input_example.json"


def write_model_files(folder: Path, shape: ModelShape, *, run_id: str, sha256: str) -> None:
    """Write `MLmodel` with the signature, and the example, beside which the bundle goes into `bundle/`.

    The flavour is our own and loads nothing: only `fenliu-serve` answers from
    a bundle, after its hashes, its signature and its known answers were checked.
    """
    library = mlflow()
    schema, column = library.types.Schema, library.types.ColSpec
    # A feature that is not known is NaN, which the type holds: every column is needed, no value is.
    inputs = schema([column("float", name) for name in shape.inputs])
    outputs = schema([column("double", name) for name in shape.outputs])
    model = library.models.Model(
        run_id=run_id,
        flavors={"fenliu": {"bundle": BUNDLE, "bundle_sha256": sha256}},
        signature=library.models.ModelSignature(inputs=inputs, outputs=outputs),
        saved_input_example_info={"artifact_path": EXAMPLE, "type": "dataframe", "pandas_orient": "split"},
    )
    rows = [[None if value != value else value for value in row] for row in shape.example]  # noqa: PLR0124 - NaN
    (folder / EXAMPLE).write_text(json.dumps({"columns": list(shape.inputs), "data": rows}), encoding="utf-8")
    model.save(str(folder / "MLmodel"))
