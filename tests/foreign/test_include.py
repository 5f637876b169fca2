"""The include path for clients in other languages: complete, and the printed rules are the rules."""

import sys
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from google.protobuf.message import Message
from grpc_tools import protoc
from protovalidate._gen.buf.validate import validate_pb

ROOT = Path(__file__).parents[2]
PROTOS = ROOT / "protos"
INCLUDE = ROOT / "build" / "protos" / "include"
RULES = "buf/validate/validate.proto"
# Descriptors of fields carry the JSON names a compiler makes; the wheel leaves the plain ones out.
LEFT_OUT = {"json_name"}

sys.path.append(str(PROTOS))
from proto_text import proto_text  # noqa: E402 - it stands beside generate.py, outside every package


def compiled(target: Path, includes: list[Path], *files: str) -> FileDescriptorSet:
    """What protoc makes of the files with nothing but these includes."""
    paths = [f"-I{folder}" for folder in includes]
    assert not protoc.main(["protoc", *paths, f"--descriptor_set_out={target}", *files])
    return FileDescriptorSet.FromString(target.read_bytes())


def shape(message: Message) -> None:
    """Takes out of a descriptor, in place, what the printed text does not say."""
    for field, value in message.ListFields():
        if field.name in LEFT_OUT or field.is_extension or (field.name == "options" and not _plain(value)):
            message.ClearField(field.name)
        elif field.message_type and field.is_repeated:
            for each in value:
                shape(each)


def _plain(options: Message) -> bool:
    """Whether there are options the text says; custom ones are dropped on the way."""
    options.DiscardUnknownFields()
    option: Any
    for option, _ in options.ListFields():
        if option.is_extension:
            options.ClearExtension(option)
    return bool(options.ListFields())


def the_rules() -> FileDescriptorProto:
    """The descriptor in the protovalidate wheel."""
    return FileDescriptorProto.FromString(validate_pb.desc().proto.to_binary())


def test_the_printed_rules_compile_to_the_rules_of_the_wheel(tmp_path: Path) -> None:
    (printed,) = compiled(tmp_path / "rules.binpb", [INCLUDE], RULES).file
    wheel = the_rules()
    shape(printed)
    shape(wheel)
    assert printed == wheel


def test_our_contracts_compile_with_the_include_path_alone(tmp_path: Path) -> None:
    contracts = sorted(str(path.relative_to(PROTOS)) for path in PROTOS.rglob("*.proto"))
    image = compiled(tmp_path / "image.binpb", [PROTOS, INCLUDE], *contracts)
    assert sorted(file.name for file in image.file) == contracts


def test_every_word_of_proto2_is_printed_as_it_was(tmp_path: Path) -> None:
    text = """
        syntax = "proto2";
        package bank;
        import "google/protobuf/descriptor.proto";
        option java_package = "bank\\"s";
        message Outer {
          option deprecated = true;
          message Inner { required string name = 1 [default = "a \\"b\\"", deprecated = true]; }
          enum Kind {
            option allow_alias = true;
            A = 0; B = 1; C = 1 [deprecated = true];
            reserved 5 to max; reserved "D";
          }
          map<string, Inner> inners = 1;
          repeated int32 packed = 2 [packed = true];
          oneof one { Kind kind = 3; bytes body = 4; }
          optional Kind other = 8 [default = B];
          reserved 5 to 6, 9;
          reserved "old";
          extensions 100 to 199, 1000 to max;
          extend google.protobuf.FieldOptions { optional bool marked = 50001; }
        }
    """
    (tmp_path / "bank.proto").write_text(text)
    (first,) = compiled(tmp_path / "first.binpb", [tmp_path, INCLUDE], "bank.proto").file
    again = tmp_path / "again"
    again.mkdir()
    (again / "bank.proto").write_text(proto_text(first, "Printed."))
    (second,) = compiled(tmp_path / "second.binpb", [again, INCLUDE], "bank.proto").file
    assert second == first


def test_other_syntaxes_are_refused() -> None:
    with pytest.raises(ValueError, match="proto3"):
        proto_text(FileDescriptorProto(name="a.proto", syntax="proto3"), "")
