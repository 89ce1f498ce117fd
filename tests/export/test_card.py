"""The model card: what the run's files say, and nothing of one machine's paths."""

from __future__ import annotations

import pytest

from scalenet_tf.data.fit import Fit
from scalenet_tf.export.card import write_card
from scalenet_tf.run import Run
from scalenet_tf.utils import files
from scalenet_tf.utils.formatting import count, percent


def test_the_export_writes_a_card_from_the_run(exported_run: Run) -> None:
    card = (exported_run.member(0) / "model_card.md").read_text("utf-8")
    metrics = files.read_json(exported_run.member(0) / "metrics.json")
    [member] = exported_run.family().members
    assert card.startswith("# Model card: S0\n")
    for section in (
        "Intended use",
        "Data",
        "Results",
        "Cost of one image",
        "Provenance",
        "Licence",
        "Limits",
    ):
        assert f"\n## {section}\n" in card
    for fact in (
        percent(metrics["test_accuracy"]),
        count(member.macs),
        metrics["provenance"]["config_digest"],
        metrics["provenance"]["digests"]["weights"],
        "`saved_model/1`",
        "Ankle boot",
        "The images are Fashion-MNIST",
    ):
        assert fact in card
    assert str(exported_run.path) not in card
    assert "None" not in card and "\n\n\n" not in card


def test_a_taught_member_names_its_teacher(trained_run: Run) -> None:
    file = trained_run.member_files(0).architecture
    assert "taught" not in write_card(trained_run, 0).read_text("utf-8")
    files.write_json(file, {**files.read_json(file), "teacher": "s4"})
    assert "It was taught by `s4`, whose answers" in write_card(trained_run, 0).read_text("utf-8")


def test_names_are_text_and_not_markup(trained_run: Run) -> None:
    file = trained_run.data_file
    data = files.read_json(file)
    hostile = ["# x", "</p><script>alert(1)</script>", "[a](http://b)", "\x1b[2J", "a\n\n## Limits", "|"]
    files.write_json(file, {**data, "labels": [*hostile, *data["labels"][len(hostile) :]]})
    card = write_card(trained_run, 0).read_text("utf-8")
    shown = r"\# x, &lt;/p&gt;&lt;script&gt;alert(1)&lt;/script&gt;, \[a\](http\://b), \\x1b\[2J, "
    assert shown + r"a\\n\\n## Limits, \|, " in card
    assert "<script" not in card and "\x1b" not in card and card.count("\n## Limits\n") == 1


def test_a_member_without_exports_says_so(trained_run: Run) -> None:
    assert "It is not exported yet." in write_card(trained_run, 0).read_text("utf-8")


def test_other_images_have_a_licence_of_their_own(trained_run: Run) -> None:
    data = trained_run.config.data.model_copy(update={"source": "folder:/somewhere/photos"})
    other = Run(trained_run.path, trained_run.config.model_copy(update={"data": data}))
    card = write_card(other, 0).read_text("utf-8")
    assert "The user's own images (folder)." in card
    assert "which this card does not know" in card
    assert "somewhere" not in card


@pytest.mark.parametrize(
    ("fit", "said"),
    [
        ("crop", "the square in the middle is taken"),
        ("pad", "is padded"),
        ("squeeze", "is squeezed into a square"),
    ],
)
def test_the_card_prepares_images_as_the_run_does(trained_run: Run, fit: Fit, said: str) -> None:
    data = trained_run.config.data.model_copy(update={"fit": fit})
    run = Run(trained_run.path, trained_run.config.model_copy(update={"data": data}))
    text = " ".join(write_card(run, 0).read_text("utf-8").split())
    assert "resized bilinearly with antialiasing" in text and said in text
    assert text.count("is not square") == 1 and "Images in grey" in text
