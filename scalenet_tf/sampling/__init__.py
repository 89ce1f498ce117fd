"""Random architectures: by the paper's hierarchical sampling, or within a budget."""

from scalenet_tf.sampling.hierarchical import Draw as Draw
from scalenet_tf.sampling.hierarchical import draw_bases as draw_bases
from scalenet_tf.sampling.hierarchical import draw_resolutions as draw_resolutions
from scalenet_tf.sampling.hierarchical import draw_subnet as draw_subnet
from scalenet_tf.sampling.hierarchical import mean_macs as mean_macs
from scalenet_tf.sampling.hierarchical import stage_probabilities as stage_probabilities
from scalenet_tf.sampling.hierarchical import trained_subnets as trained_subnets
