"""Training, evaluation, prediction and transfer of the family's members. Imports TensorFlow."""

from scalenet_tf.members.evaluation import Evaluation, evaluate_member
from scalenet_tf.members.prediction import Prediction, predict_member
from scalenet_tf.members.training import MemberResult, train_member
from scalenet_tf.members.transfer import transfer_member

__all__ = [
    "Evaluation",
    "MemberResult",
    "Prediction",
    "evaluate_member",
    "predict_member",
    "train_member",
    "transfer_member",
]
