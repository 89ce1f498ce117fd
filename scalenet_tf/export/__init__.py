"""Export of members as SavedModels that need nothing but TensorFlow.

Importing this package imports TensorFlow.
"""

from scalenet_tf.export.step import export_member as export_member
