"""Makes the bundled data set: a stratified subset of Fashion-MNIST, 16,000 / 1,000 / 4,000 images.

Train and validation come from its train split, test from its test split. The same choice gives the
same bytes, so the file can be checked against its source at any time. The first 8,000 images for training,
those for validation, and the first 1,000 for the test are all that was bundled at first.

    python scripts/make_bundled.py --data-dir ~/tensorflow_datasets
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from scalenet_tf.utils import files

TARGET = Path(__file__).parent.parent / "scalenet_tf" / "data" / "bundled" / "fashion_mnist.npz"
TRAIN, MORE, VALIDATION, TEST, MORE_TEST = 8000, 8000, 1000, 1000, 3000


def choose(labels: np.ndarray, counts: list[int], rng: np.random.Generator) -> list[np.ndarray]:
    """Disjoint choices of rows, `counts` of them each, every class equally often, in random order."""
    classes = np.unique(labels)
    ends = np.cumsum([count // len(classes) for count in counts])
    of_class = [np.split(rng.permutation(np.flatnonzero(labels == c)), ends)[:-1] for c in classes]
    return [rng.permutation(np.concatenate(parts)) for parts in zip(*of_class, strict=True)]


def with_more(rows: np.ndarray, labels: np.ndarray, taken: list[int], count: int, seed: int) -> np.ndarray:
    """The rows followed by `count` more, which are not among those that are taken."""
    left = np.setdiff1d(np.arange(len(labels)), taken)
    (more,) = choose(labels[left], [count], np.random.default_rng(seed))
    return np.concatenate([rows, left[more]])


def npz_bytes(arrays: dict[str, np.ndarray]) -> bytes:
    """A compressed npz without time stamps: equal arrays give equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, array in arrays.items():
            entry = io.BytesIO()
            np.save(entry, np.ascontiguousarray(array), allow_pickle=False)
            info = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, entry.getvalue())
    return buffer.getvalue()


def main(
    data_dir: Annotated[Path | None, typer.Option(help="Data directory. Default: that of TFDS.")] = None,
    output: Annotated[Path, typer.Option(help="the npz file to write")] = TARGET,
) -> None:
    """Makes the bundled data set from Fashion-MNIST, which is downloaded where it is not prepared."""
    import tensorflow_datasets as tfds

    builder = tfds.builder("fashion_mnist", data_dir=data_dir)
    builder.download_and_prepare()
    train, test = (
        tfds.as_numpy(builder.as_dataset(split=split, batch_size=-1, shuffle_files=False))
        for split in ("train", "test")
    )
    rng = np.random.default_rng(0)
    train_rows, validation_rows = choose(train["label"], [TRAIN, VALIDATION], rng)
    (test_rows,) = choose(test["label"], [TEST], rng)
    train_rows = with_more(train_rows, train["label"], [*train_rows, *validation_rows], MORE, seed=1)
    test_rows = with_more(test_rows, test["label"], [*test_rows], MORE_TEST, seed=2)
    arrays: dict[str, np.ndarray] = {"labels": np.array(builder.info.features["label"].names)}
    for split, source, rows in (
        ("train", train, train_rows),
        ("validation", train, validation_rows),
        ("test", test, test_rows),
    ):
        arrays[f"{split}_images"] = source["image"][rows]
        arrays[f"{split}_labels"] = source["label"][rows].astype(np.uint8)
    path = files.write_bytes(output, npz_bytes(arrays))
    typer.echo(f"{path}: {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    typer.run(main)
