"""The section `data` of a configuration."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from scalenet_tf.config.recipe import Fraction
from scalenet_tf.utils.inputs import Integer, Real, Text
from scalenet_tf.utils.value import Value


class AugmentationConfig(Value):
    """Random changes of training images, drawn by the seed, the step, and the position in the batch."""

    flip: bool = Field(default=True, description="Mirror left and right with probability 0.5.")
    shift: Fraction = Field(default=0.1, description="Largest shift, as a fraction of the image's side.")
    erase: Fraction = Field(
        default=0.0, description="Side of the erased square, as a fraction of the image's side; 0 for none."
    )


class DataConfig(Value):
    """The source of the images and their splits."""

    source: Text = Field(
        default="bundled", description="Data source: a folder's path, bundled, tfds:NAME or tfrecord:PATH."
    )
    data_dir: Text | None = Field(
        default=None, description="Folder of TensorFlow Datasets. Default: that library's own."
    )
    reading: Literal["photos", "plain"] = Field(
        default="photos",
        description="How image files are read: `photos` turns images by their EXIF orientation, lays "
        "transparent ones over `background`, and takes every format and nested folders; `plain` reads JPEG "
        "and PNG files directly in class folders as earlier versions did.",
    )
    channels: Literal["auto", 1, 3] = Field(
        default="auto",
        description="Channels that images are converted to: 1 (grey) or 3 (colour). `auto` is what a TFDS "
        "set declares; of other sources, colour if any image has it.",
    )
    background: Annotated[str, Field(pattern="^(white|black|#[0-9a-fA-F]{6})$")] = Field(
        default="white",
        description="Colour that transparent images are laid over, and that `fit: pad` adds: white, black or "
        "#RRGGBB.",
    )
    image_size: Integer | None = Field(
        default=None,
        ge=1,
        le=8192,
        description="Side in pixels to which images are resized when decoded. Default: as stored; if sizes "
        "differ, or are more than twice that, about the side of the largest member.",
    )
    fit: Literal["crop", "pad", "squeeze"] = Field(
        default="crop",
        description="How images that are not square become so, here and in exports: `crop` takes the centre, "
        "`pad` adds background, `squeeze` changes the proportions.",
    )
    validation: Literal["own", "train"] = Field(
        default="own",
        description="Validation images: `own` are the source's own validation split if it has a test split "
        "too, otherwise a part of train; `train` are always a part of train.",
    )
    validation_fraction: Real = Field(
        default=0.1, gt=0, lt=1, description="Fraction of the train split that is set aside for validation."
    )
    test_fraction: Real = Field(
        default=0.1,
        gt=0,
        lt=1,
        description="Fraction of all images that is set aside for testing, if the source has neither a "
        "test nor a validation split.",
    )
    train_images: Integer | None = Field(
        default=None,
        ge=1,
        le=10**9,
        description="Train on this many images, stratified by class. Default: all.",
    )
    skip_corrupt: bool = Field(
        default=False, description="Leave out and count images that cannot be decoded, instead of failing."
    )
    cache_gigabytes: Real = Field(
        default=2.0,
        ge=0,
        le=10**6,
        description="Keep decoded images in memory up to this size, and decode them again beyond it; 0 to "
        "keep none.",
    )
    augmentation: AugmentationConfig = Field(
        default=AugmentationConfig(), description="Random changes of training images."
    )
