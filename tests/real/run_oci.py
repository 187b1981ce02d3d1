"""Run a command in a runtime with runc: `run_oci.py CGROUP SRC ARGV...`. The bundle is a new folder in this one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path


def main(cgroup: str, src: str, *argv: str) -> None:
    bundle = Path(tempfile.mkdtemp(dir=".")).absolute()
    subprocess.run(["runc", "spec", "--bundle", bundle], check=True)
    config = json.loads((bundle / "config.json").read_text())
    config["root"]["path"] = src
    config["process"] |= {"terminal": False, "args": argv}
    config["linux"]["cgroupsPath"] = f"/{cgroup}/{bundle.name}"
    (bundle / "config.json").write_text(json.dumps(config))
    os.execvp("runc", ["runc", "--root", str(bundle / "state"), "run", "--bundle", str(bundle), bundle.name])


if __name__ == "__main__":
    main(*sys.argv[1:])
