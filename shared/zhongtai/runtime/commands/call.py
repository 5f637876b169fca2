"""`zhongtai call`: one RPC with a JSON request, or with a stream of them, over gRPC, as this machine's operator."""

import asyncio
import json as json_text
import sys
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from difflib import get_close_matches
from itertools import islice
from typing import Annotated
from uuid import uuid4

import typer
from google.protobuf.json_format import MessageToDict, ParseDict, ParseError
from google.protobuf.message import Message
from rich.console import Console

from zhongtai.kernel.refusals import Refusal
from zhongtai.runtime import contracts
from zhongtai.runtime.call import Call
from zhongtai.runtime.commands.local import local_calls, operator
from zhongtai.runtime.contracts import Method
from zhongtai.runtime.errors import problem
from zhongtai.runtime.streams import Told

LINES_AT_ONCE = 100

app = typer.Typer(add_completion=False)
console = Console()
errors = Console(stderr=True)


@app.command()
def call(
    rpc: Annotated[str, typer.Argument(help="The RPC, such as credit.LimitService.GetLimit; its own name is enough.")],
    request: Annotated[str, typer.Argument(help="The request as JSON; `-` reads it from standard input.")] = "{}",
    language: Annotated[str, typer.Option(help="The language of refusals: en or zh-CN.")] = "en",
    json: Annotated[bool, typer.Option(help="Print refusals as JSON too.")] = False,
    stream: Annotated[bool, typer.Option(help="Take a request in each line, and print what became of each.")] = False,
) -> None:
    """Call one RPC with a JSON request and print the reply as JSON."""
    method = _method(rpc)
    if stream:
        _stream(method, sys.stdin if request == "-" else request.splitlines(), language)
        return
    message = _request(method, sys.stdin.read() if request == "-" else request)
    try:
        reply = asyncio.run(_call(message, language))
    except Refusal as refusal:
        if json:
            console.print_json(data=problem(refusal, language))
        else:
            errors.print(f"{refusal.reason}: {refusal.sentence(language)}", style="red")
        raise typer.Exit(1) from None
    console.print_json(data=MessageToDict(reply))


async def _call(message: Message, language: str) -> Message:
    async with local_calls() as calls:
        return await calls.call(message, Call(operator(), language=language))


def _stream(method: Method, lines: Iterable[str], language: str) -> None:
    """Sends a request for each line as one stream; prints a line of JSON for each outcome, in the same order."""
    if contracts.stream_of(method) is None:
        errors.print(f"{method.full_name} takes no stream of its requests", style="red")
        raise typer.Exit(2)
    try:
        refused = asyncio.run(_call_stream(method, (line for line in lines if line.strip()), language))
    except Refusal as refusal:
        errors.print(f"{refusal.reason}: {refusal.sentence(language)}", style="red")
        raise typer.Exit(1) from None
    if refused:
        raise typer.Exit(1)


async def _call_stream(method: Method, lines: Iterator[str], language: str) -> int:
    """How many were refused."""
    refused = 0

    async def batches() -> AsyncIterator[Sequence[Message]]:
        # A file may be longer than memory: it is read as the stream takes it.
        while batch := list(islice(lines, LINES_AT_ONCE)):
            yield [_request(method, line) for line in batch]

    async def tell(told: Told) -> None:
        nonlocal refused
        for request_id, outcome in told:
            failed = isinstance(outcome, Refusal)
            refused += failed
            said = problem(outcome, language) if isinstance(outcome, Refusal) else MessageToDict(outcome)
            name = "refusal" if failed else "response"
            print(json_text.dumps({"requestId": request_id, name: said}, ensure_ascii=False))

    async with local_calls() as calls:
        await calls.stream(method.request_type, batches(), tell, Call(operator(), language=language))
    return refused


def _method(name: str) -> Method:
    """The RPC of a full name, or of the end of one; exits with the nearest names where there is none."""
    known = {found.full_name: found for found in contracts.all_methods()}
    matching = [found for full, found in known.items() if full == name or full.endswith(f".{name}")]
    matching = matching or [
        found for full, found in known.items() if full.replace(".v1.", ".").removeprefix("zhongtai.") == name
    ]
    if len(matching) == 1:
        return matching[0]
    short = {full.rsplit(".", 1)[1]: full for full in known}
    near = [short[close] for close in get_close_matches(name.rsplit(".", 1)[-1], list(short), n=3)]
    said = ", ".join(found.full_name for found in matching) or ", ".join(near) or "zhongtai status lists the services"
    errors.print(f"no single RPC is named {name}: {said}", style="red")
    raise typer.Exit(2)


def _request(method: Method, text: str) -> Message:
    """The request message; a request id is made where the RPC wants one and the JSON has none."""
    try:
        content = json_text.loads(text)
        if not method.reads and "requestId" not in content and "request_id" not in content:
            content["requestId"] = str(uuid4())
        return ParseDict(content, method.request_type())
    except (ValueError, ParseError) as error:
        errors.print(f"the request is no {method.descriptor.input_type.name}: {error}", style="red")
        raise typer.Exit(2) from None
