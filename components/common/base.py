"""What every component shares: the image it runs in, where nothing is installed at run time."""

import functools
import os

from kfp import dsl

from scalenet_tf import __version__

# A pipeline's target may give each task another image; the local runner uses none.
IMAGE = os.environ.get("SCALENET_IMAGE", f"scalenet-tf-python:{__version__}")

component = functools.partial(
    dsl.component, base_image=IMAGE, install_kfp_package=False, packages_to_install=[]
)
