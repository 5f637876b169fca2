"""Writes the Python of every contract beside the service that owns it, and one image of all of them for buf.

The rules of `buf/validate/validate.proto` come out of the installed protovalidate wheel, as a descriptor: no copy of
that file stands in this repository, and the contracts are compiled against the very rules that are checked at run time.
For clients in other languages, `build/protos/include` and `protos` together are a complete include path.
"""

import re
import shutil
import sys
from importlib.resources import files
from pathlib import Path

from google.api import http_pb2
from google.protobuf import descriptor_pb2, duration_pb2, field_mask_pb2, timestamp_pb2
from grpc_tools import protoc
from proto_text import proto_text
from protovalidate._gen.buf.validate import validate_pb

ROOT = Path(__file__).resolve().parent.parent
PROTOS = ROOT / "protos"
BUILD = ROOT / "build" / "protos"
# Where the contracts lie that ours import: googleapis and protobuf itself.
THIRD_PARTY = (Path(http_pb2.__file__).parents[2], Path(str(files("grpc_tools") / "_proto")))
RULES = "buf/validate/validate.proto"
RULES_HEAD = """\
The protovalidate rules, https://github.com/bufbuild/protovalidate, Copyright Buf Technologies, Apache License 2.0.
Printed by protos/generate.py from the descriptor in the protovalidate wheel: the same names, numbers and types, without
the comments and without the CEL expressions of the predefined rules, which every protovalidate has built in."""

IMPORT = re.compile(r'^import\s+(?:public\s+)?"([^"]+)";', re.MULTILINE)

# Where each contract's code goes: the source root that holds its package.
HOME = {"common": "shared", "gateway": "gateway"}


def main() -> None:
    """Generates everything; exits with protoc's own message when a contract does not compile."""
    shutil.rmtree(BUILD, ignore_errors=True)
    python = BUILD / "python"
    python.mkdir(parents=True)
    compiled(PROTOS, BUILD / "image.binpb", f"--python_out={python}", f"--pyi_out={python}")
    _install(python)
    _write_include(BUILD / "include")


def compiled(protos: Path, image: Path, *outputs: str) -> None:
    """Compiles every contract below a folder into one image; exits with protoc's own message when one does not."""
    rules = _write_rules(image.with_name("rules.binpb"))
    contracts = sorted(str(path.relative_to(protos)) for path in protos.rglob("*.proto"))
    failed = protoc.main(
        [
            "protoc",
            *(f"-I{folder}" for folder in (protos, *THIRD_PARTY)),
            f"--descriptor_set_in={rules}",
            *outputs,
            f"--descriptor_set_out={image}",
            "--include_imports",
            "--include_source_info",
            RULES,
            *contracts,
        ]
    )
    if failed:
        sys.exit(failed)


def _write_include(target: Path) -> None:
    """Gathers the text of every third-party contract that ours import, and of what those import."""
    ours = (path.read_text(encoding="utf-8") for path in PROTOS.rglob("*.proto"))
    wanted = {found for text in ours for found in IMPORT.findall(text) if not found.startswith("zhongtai/")}
    written: set[str] = set()
    while wanted:
        name = wanted.pop()
        sources = [root / name for root in THIRD_PARTY if (root / name).is_file()]
        text = proto_text(_rules(), RULES_HEAD) if name == RULES else sources[0].read_text(encoding="utf-8")
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_text(text, encoding="utf-8")
        written.add(name)
        wanted |= set(IMPORT.findall(text)) - written


def _rules() -> descriptor_pb2.FileDescriptorProto:
    """The descriptor of the rules, as the wheel has it."""
    return descriptor_pb2.FileDescriptorProto.FromString(validate_pb.desc().proto.to_binary())


def _write_rules(target: Path) -> Path:
    """Writes the protovalidate rules and what they import as a FileDescriptorSet."""
    image = descriptor_pb2.FileDescriptorSet()
    for module in (descriptor_pb2, duration_pb2, field_mask_pb2, timestamp_pb2):
        module.DESCRIPTOR.CopyToProto(image.file.add())
    image.file.add().CopyFrom(_rules())
    target.write_bytes(image.SerializeToString())
    return target


def _install(generated: Path) -> None:
    """Moves the generated modules into their packages, dropping what an earlier run left there.

    The rules become `zhongtai.common.v1.validate_pb2`, so that the wheel installs one name only, `zhongtai`.
    """
    shutil.copytree(generated / "buf" / "validate", generated / "zhongtai" / "common" / "v1", dirs_exist_ok=True)
    for package in sorted((generated / "zhongtai").glob("*/v1")):
        service = package.parent.name
        home = ROOT / HOME.get(service, "services") / "zhongtai" / service / "v1"
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        (home / "__init__.py").write_text('"""Generated from the contract by `make proto`; not to be edited."""\n')
        for module in package.iterdir():
            text = re.sub(r"from buf\.validate import", "from zhongtai.common.v1 import", module.read_text())
            (home / module.name).write_text(text)
        (home / "contracts.binpb").unlink(missing_ok=True)
    image = ROOT / HOME["common"] / "zhongtai" / "common" / "v1" / "contracts.binpb"
    shutil.copy(BUILD / "image.binpb", image)


if __name__ == "__main__":
    main()
