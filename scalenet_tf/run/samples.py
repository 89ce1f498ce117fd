"""members/sN/samples.json: some test images with the member's predictions, for the report."""

from __future__ import annotations

from scalenet_tf.run.layout import RunFolder
from scalenet_tf.utils.value import Value
from scalenet_tf.utils.value_file import FileValue, read_if_there


class Answer(Value):
    """A predicted class.

    Attributes:
      class_id: Number of the class, from 0.
      probability: Probability of the class, 0 to 1.
    """

    class_id: int
    probability: float


class Sample(Value):
    """One test image with its prediction.

    Attributes:
      position: Position of the image in the test split.
      classes: True classes: one, or for the task multi_label any number.
      answers: The most probable classes, the first one first; for multi_label those of at least 0.5.
      jpeg: The image as a JPEG file in base64, at most 96 pixels wide and high.
    """

    position: int
    classes: tuple[int, ...]
    answers: tuple[Answer, ...]
    jpeg: str


class Samples(FileValue):
    """Sample predictions of a member.

    Attributes:
      right: Images that are classified correctly, drawn at random.
      wrong: Images that are not, the most confident mistakes first.
      mistakes: Number of test images that are classified wrongly.
      images: Number of test images.
    """

    right: tuple[Sample, ...]
    wrong: tuple[Sample, ...]
    mistakes: int
    images: int


def read_samples(run: RunFolder, stage: int) -> Samples | None:
    """Reads the sample predictions of a member.

    Args:
      run: The run.
      stage: Scaling stage of the member, from 0.

    Returns:
      The samples; None for a member that is not trained, or was trained by an earlier version.

    Raises:
      ScaleNetError: If the file is damaged.
    """
    advice = "Remove it: the report then has no sample predictions of this member."
    return read_if_there(run.member_files(stage).samples, Samples, advice)
