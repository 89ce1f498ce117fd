"""Quantisation-aware training of a network with a squeeze that never fires, until its ranges have settled."""

from __future__ import annotations

import numpy as np
import tf_keras

from scalenet_tf.compress import litert
from scalenet_tf.compress.qat import KeepWeights, quantization_aware
from scalenet_tf.compress.weak_squeezes import fix_weak_squeezes
from scalenet_tf.profiling.litert import Runner
from tests.compress.test_weak_squeezes import SUBNET, images, network, weaken

tf_model, squeeze = network()
weaken(tf_model, squeeze, 300, 0)
assert fix_weak_squeezes(tf_model, images(tf_model, 0)) == [squeeze.name]
constant = float(squeeze.get_weights()[1].max())
aware = quantization_aware(tf_model)
quantized = aware.get_layer(f"quant_{squeeze.name}")
before = [weights.copy() for weights in quantized.layer.get_weights()]
excite = aware.get_layer(f"quant_{squeeze.name.replace('_squeeze', '_excite')}").layer
excited = excite.bias.numpy()

aware.compile(tf_keras.optimizers.Adam(1e-3), "mse")
seen = np.concatenate([images(tf_model, seed) for seed in range(4)])
wanted = np.random.default_rng(0).normal(size=(len(seen), SUBNET.classes))
held = KeepWeights(aware, [squeeze.name])
aware.fit(seen, wanted, batch_size=16, epochs=4, shuffle=False, verbose=0, callbacks=[held])

for old, new in zip(before, quantized.layer.get_weights(), strict=True):
    np.testing.assert_array_equal(old, new)
assert np.abs(excite.bias.numpy() - excited).max() > 1e-3 > constant  # The others learn.

# Ranges follow what they measure from -6 and 6 on, by a thousandth a step: here as after thousands of them.
begun = 0.999 ** len(range(0, 4 * len(seen), 16))
for weights in aware.weights:
    if "output_m" in weights.name or "post_activation_m" in weights.name:
        start = -6 if "_min" in weights.name else 6
        weights.assign((weights - start * begun) / (1 - begun))
(highest,) = (w for w in quantized.weights if "post_activation_max" in w.name)
highest.assign(constant)  # Of so small a difference not many digits would be left.
stored = np.rint((seen - litert.LOWEST) / (litert.HIGHEST - litert.LOWEST) * 255)
assert np.isfinite(Runner(litert.convert_int8(aware))(stored)).all()
print("its file runs")
