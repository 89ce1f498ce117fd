"""Mean average precision as a Keras metric, which adds up over batches and replicas."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

# Logits are counted in steps of a hundredth, from -10 to 10; beyond, every probability is 0.00 or 1.00.
_STEPS, _LARGEST = 100, 10
_BINS = 2 * _STEPS * _LARGEST + 1


@keras.saving.register_keras_serializable("scalenet_tf")
class MeanAveragePrecision(keras.metrics.Metric):
    """Mean over the classes of the average precision, from counts of logits.

    Logits within a hundredth of each other count as equal, so that the metric needs no image twice and no
    prediction kept; the results of a member are computed from its predictions instead
    (`models/average_precision.py`). Targets may be soft, as mixing makes them, and may have a teacher's
    answers behind the labels. Classes without a positive are left out; without any, the metric is 0.

    Args:
      classes: Number of classes.
    """

    def __init__(self, classes: int, name: str = "mean_average_precision", **options: Any) -> None:
        super().__init__(name=name, **options)
        self.classes = classes
        self.present = self.add_variable((_BINS, classes), "zeros", name="present")
        self.absent = self.add_variable((_BINS, classes), "zeros", name="absent")

    def update_state(self, y_true: tf.Tensor, y_pred: tf.Tensor, sample_weight: Any = None) -> None:
        targets = tf.reshape(tf.cast(y_true[:, : self.classes], tf.float32), [-1])
        steps = tf.cast(tf.round(tf.cast(y_pred, tf.float32) * _STEPS), tf.int32) + _STEPS * _LARGEST
        cells = tf.clip_by_value(steps, 0, _BINS - 1) * self.classes + tf.range(self.classes)
        for counts, amounts in ((self.present, targets), (self.absent, 1 - targets)):
            added = tf.math.unsorted_segment_sum(amounts, tf.reshape(cells, [-1]), _BINS * self.classes)
            counts.assign_add(tf.reshape(added, (_BINS, self.classes)))

    def result(self) -> tf.Tensor:
        present, absent = tf.convert_to_tensor(self.present), tf.convert_to_tensor(self.absent)
        right = tf.cumsum(present, axis=0, reverse=True)
        chosen = tf.cumsum(present + absent, axis=0, reverse=True)
        gained = tf.reduce_sum(present * tf.math.divide_no_nan(right, chosen), axis=0)
        positives = tf.reduce_sum(present, axis=0)
        known = tf.reduce_sum(tf.cast(positives > 0, tf.float32))
        return tf.math.divide_no_nan(tf.reduce_sum(tf.math.divide_no_nan(gained, positives)), known)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "classes": self.classes}
