"""Writes what compose.yaml needs and nobody may see: `.env` with random passwords, the keys that sign and that seal.

    .venv/bin/python deploy/compose/new_secrets.py

Nothing that is there is overwritten. The keys lie in a folder only its owner can enter; the files in it can be read by
the containers' own user, who is somebody else on this machine.
"""

import json
import secrets
from pathlib import Path

from zhongtai.runtime.contracts import PACKAGES
from zhongtai.runtime.security import SigningKeys

HERE = Path(__file__).parent


def main(folder: Path = HERE) -> None:
    """Writes `.env` and `secrets/` into the folder; raises FileExistsError where they are there."""
    names = [*(f"{service.upper()}_PASSWORD" for service in PACKAGES), "POSTGRES_PASSWORD"]
    names += ["NATS_PASSWORD", "NATS_CLUSTER_PASSWORD", "GRAFANA_PASSWORD"]
    environment = folder / ".env"
    environment.touch(mode=0o600, exist_ok=False)
    environment.write_text("".join(f"{name}=p{secrets.token_hex(24)}\n" for name in names), encoding="utf-8")
    vault = folder / "secrets"
    vault.mkdir(mode=0o700)
    keys = SigningKeys.new()
    _write(vault / "signing_keys.json", keys.private)
    _write(vault / "verifying_keys.json", keys.public)
    _write(vault / "ledger_keys.json", SigningKeys.new().private)


def _write(file: Path, content: object) -> None:
    file.write_text(json.dumps(content), encoding="utf-8")
    file.chmod(0o444)


if __name__ == "__main__":
    main()
