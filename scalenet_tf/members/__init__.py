"""Training, evaluation, prediction and transfer of the family's members. Imports TensorFlow."""

from scalenet_tf.members.evaluation import Evaluation as Evaluation
from scalenet_tf.members.evaluation import evaluate_member as evaluate_member
from scalenet_tf.members.prediction import Prediction as Prediction
from scalenet_tf.members.prediction import predict_member as predict_member
from scalenet_tf.members.training import MemberResult as MemberResult
from scalenet_tf.members.training import train_member as train_member
from scalenet_tf.members.transfer import transfer_member as transfer_member
