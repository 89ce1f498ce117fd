"""The decorator of all components: the image that they run in, without installing anything at run time."""

import functools
import os

from kfp import dsl

from scalenet_tf import __version__

# A target may set another image for each task; the local runner uses none.
IMAGE = os.environ.get("SCALENET_IMAGE", f"scalenet-tf-python:{__version__}")

component = functools.partial(
    dsl.component, base_image=IMAGE, install_kfp_package=False, packages_to_install=[]
)
