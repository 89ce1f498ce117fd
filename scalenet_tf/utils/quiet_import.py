"""A first import of TensorFlow without the lines of its C++ side."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

# Lines of TensorFlow's C++ side, such as "I0000 00:00:1795949364.169753 19843 port.cc:153] oneDNN ...".
_CPP = re.compile(
    rb"WARNING: All log messages before absl::InitializeLog|[IWEF]\d{4} \d\d:\d\d:\d|"
    rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+: [IWEF] |To enable the following instructions:"
)


@contextmanager
def quiet_import() -> Iterator[None]:
    """Drops the lines of TensorFlow's C++ side from stderr if TensorFlow is imported inside.

    No log level suppresses them all, so stderr is captured, and everything else written afterwards. If the
    import fails, or TF_CPP_MIN_LOG_LEVEL is 0 or 1, nothing is dropped.
    """
    if "tensorflow" in sys.modules or os.environ.get("TF_CPP_MIN_LOG_LEVEL") in ("0", "1"):
        yield
        return
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    sys.stderr.flush()
    kept, failed = os.dup(2), True
    with tempfile.TemporaryFile() as log:
        os.dup2(log.fileno(), 2)
        try:
            yield
            if "tensorflow" in sys.modules:
                # Listed, but not initialised: a strategy over several workers must come first.
                sys.modules["tensorflow"].config.list_physical_devices()
            failed = False
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            log.seek(0)
            for line in log:
                if failed or not _CPP.match(line):
                    os.write(kept, line)
            os.close(kept)
