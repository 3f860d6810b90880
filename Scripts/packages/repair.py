"""Bundles a wheel's libraries, those of a desktop as well, which auditwheel expects of every machine.

usage: repair.py WHEEL FOLDER

The images of Python for containers have no GLib.
"""

import json
import pathlib
import sys
import tempfile

from auditwheel import main, policy
from auditwheel.libc import Libc

# Expat and zlib come with Python. Debian's Expat would need the C library of Debian 12, which Ubuntu 22.04 does not have.
EXPECTED = {"libc.so.6", "libm.so.6", "libresolv.so.2", "libgcc_s.so.1", "libstdc++.so.6", "libexpat.so.1", "libz.so.1"}

wheel, folder = sys.argv[1:]
policies = json.loads(policy._POLICY_JSON_MAP[Libc.GLIBC].read_text())
for item in policies:
    item["lib_whitelist"] = [
        library for library in item["lib_whitelist"] if library in EXPECTED or library.startswith("ld-linux")
    ]
with tempfile.TemporaryDirectory() as work:
    file = pathlib.Path(work, "policies.json")
    file.write_text(json.dumps(policies))
    policy._POLICY_JSON_MAP[Libc.GLIBC] = file
    sys.argv = ["auditwheel", "repair", "--wheel-dir", folder, wheel]
    sys.exit(main.main())
