"""Training, evaluation, prediction and transfer of the family's members. Its names import TensorFlow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scalenet_tf.utils.lazy import lazy_names

if TYPE_CHECKING:
    from scalenet_tf.members.evaluation import EvaluationResult as EvaluationResult
    from scalenet_tf.members.evaluation import TrainedMember as TrainedMember
    from scalenet_tf.members.evaluation import evaluate_member as evaluate_member
    from scalenet_tf.members.evaluation import load_member as load_member
    from scalenet_tf.members.member_training import MemberTraining as MemberTraining
    from scalenet_tf.members.prediction import Prediction as Prediction
    from scalenet_tf.members.prediction import predict_member as predict_member
    from scalenet_tf.members.training import MemberResult as MemberResult
    from scalenet_tf.members.training import train_member as train_member
    from scalenet_tf.members.transfer import transfer_member as transfer_member

_HOMES = {
    "EvaluationResult": "evaluation",
    "MemberResult": "training",
    "MemberTraining": "member_training",
    "Prediction": "prediction",
    "TrainedMember": "evaluation",
    "evaluate_member": "evaluation",
    "load_member": "evaluation",
    "predict_member": "prediction",
    "train_member": "training",
    "transfer_member": "transfer",
}
__all__ = [
    "EvaluationResult",
    "MemberResult",
    "MemberTraining",
    "Prediction",
    "TrainedMember",
    "evaluate_member",
    "load_member",
    "predict_member",
    "train_member",
    "transfer_member",
]
# A process of `parallel` imports this package first, and TensorFlow must be set up before it is imported.
__getattr__, __dir__ = lazy_names(__name__, _HOMES)
