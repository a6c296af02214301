"""Packs one binary as Lambda wants it: a zip with the one file `bootstrap`.

The zip holds no time and no owner, so that the same binary gives the same bytes
(with the same zlib).

Usage: archive.py BINARY ZIP
"""

import sys
import zipfile
from pathlib import Path

# The first day that a zip can name.
NO_TIME = (1980, 1, 1, 0, 0, 0)
UNIX = 3
# A regular file that everybody may run: Lambda starts it as a user of its own.
MODE = 0o100755


def pack(binary, archive):
    entry = zipfile.ZipInfo("bootstrap", NO_TIME)
    entry.create_system = UNIX
    entry.external_attr = MODE << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr(entry, binary.read_bytes(), compresslevel=9)


if __name__ == "__main__":
    pack(Path(sys.argv[1]), Path(sys.argv[2]))
