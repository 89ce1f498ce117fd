"""A study and where it lives: a folder while it runs, a packed file once it is finished."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from scalenet_tf.config import DataConfig
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.utils import files
from scalenet_tf.utils.validation import problems
from scalenet_tf.utils.value import Value
from studies.common.items import FolderItems, Items, read_object
from studies.common.packing import SUFFIX, read_packed, write_packed


class StudyValue(Value):
    """Everything that determines the results of a study.

    Attributes:
      data: The images.
    """

    data: DataConfig

    def located(self, data_dir: str | None) -> dict[str, Any]:
        """The study as a JSON object, with its images in `data_dir`: their place determines no result."""
        data = self.data.model_copy(update={"data_dir": data_dir})
        return self.model_copy(update={"data": data}).model_dump(mode="json")


S = TypeVar("S", bound=StudyValue)


@dataclass(frozen=True)
class StudyKind(Generic[S]):
    """One of the packages in studies/.

    Attributes:
      module: Name of the package, such as "studies.families".
      value: Class of its studies.
      groups: Groups of items that are packed.
      packed: Path of a packed study of this kind in the repository, for help texts.
      start: Command that starts a study.
      growing: Fields that say how much is measured, such as the number of seeds. A study goes on with other
        values of them, since no item depends on them.
    """

    module: str
    value: type[S]
    groups: tuple[str, ...]
    packed: str
    start: str = "run"
    growing: tuple[str, ...] = ()

    @property
    def work(self) -> Path:
        """The default folder of a study, which git ignores."""
        return Path(self.module.replace(".", "/")) / "work"

    def begin(self, folder: Path, study: S) -> FolderItems:
        """Starts a study in a folder, or continues it; fields that grow keep the larger value.

        Raises:
          ScaleNetError: If the folder holds another study, or is a packed one.
        """
        if folder.suffix == SUFFIX:
            raise ScaleNetError(
                f"a packed study cannot be continued. Received: {str(folder)!r}. Turn it into a folder with: "
                f"python -m {self.module} unpack {folder} FOLDER"
            )
        file = folder / "study.json"
        if file.is_file():
            there = self._parsed(read_object(file), folder)
            if self._fixed(there) != self._fixed(study):
                raise ScaleNetError(
                    f"`--output` {str(folder)!r} holds another study: {file} differs. Give another "
                    "--output, or the options that it was started with."
                )
            # What was measured with more of them stays in the report.
            most = {name: max(getattr(there, name), getattr(study, name)) for name in self.growing}
            study = study.model_copy(update=most)
        files.write_json(file, study.model_dump(mode="json"))
        return FolderItems(folder)

    def open(self, path: Path) -> tuple[S, Items]:
        """Opens a study to read it.

        Args:
          path: Folder of a study, or its packed file.

        Returns:
          The study and its finished items.

        Raises:
          ScaleNetError: If there is no study of this kind.
        """
        if path.is_file():
            content, items = read_packed(path)
            return self._parsed(content, path), items
        if not (path / "study.json").is_file():
            raise ScaleNetError(
                f"a study is a folder with a study.json, or a packed {SUFFIX} file. Received: {str(path)!r}. "
                f"Start one with: python -m {self.module} {self.start}"
            )
        return self._parsed(read_object(path / "study.json"), path), FolderItems(path)

    def pack(self, folder: Path, file: Path) -> int:
        """Packs a study's folder into one file.

        Returns:
          The number of items.

        Raises:
          ScaleNetError: If the folder holds no study of this kind, or none of its items is finished.
        """
        study, items = self.open(folder)
        if not isinstance(items, FolderItems) or not any(items.names(group) for group in self.groups):
            raise ScaleNetError(f"`pack` needs a folder with finished items. Received: {str(folder)!r}")
        return write_packed(file, study.located(None), items, self.groups)

    def unpack(self, file: Path, folder: Path) -> int:
        """Turns a packed study into a folder, in which it can be continued; finished items there are kept.

        Returns:
          The number of items written.

        Raises:
          ScaleNetError: If the file is no packed study of this kind, or the folder holds another study.
        """
        study, items = self.open(file)
        written = self.begin(folder, study)
        missing = [name for group in self.groups for name in items.names(group) if name not in written]
        for name in missing:
            written.write(name, items[name])
        return len(missing)

    def _fixed(self, study: S) -> dict[str, Any]:
        """The study without its place and the fields that may grow."""
        fields = study.located(None).items()
        return {name: value for name, value in fields if name not in self.growing}

    def _parsed(self, content: Any, path: Path) -> S:
        try:
            return self.value.model_validate(content)
        except ValidationError as error:
            raise ScaleNetError(
                f"{str(path)!r} must hold a study of {self.module}. Received:\n{problems(error)}"
            ) from error
