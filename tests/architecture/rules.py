"""The shape of the house, as rules over source text.

Each rule takes the sources as a mapping from path to text and answers the sentences that were broken, so that a test
can plant a violation without touching a file.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from sys import stdlib_module_names

ROOT = Path(__file__).resolve().parents[2]
ROOTS = ("services", "shared", "gateway")
SERVICES = ("marketing", "credit", "operations", "risk", "asset_liability", "reporting")
ROOMS = ("domain", "store", "handlers", "engine", "commands")

Sources = Mapping[str, str]

# What a domain may use of the standard library: nothing that reads a clock, the disk, the network or chance.
PURE = frozenset(
    """
    abc base64 bisect calendar collections dataclasses datetime decimal enum fractions functools hashlib heapq
    hmac itertools json math operator re statistics string struct types typing unicodedata zoneinfo
    """.split()  # noqa: SIM905
)
# The two third-party words of the kernel, each in the modules named.
KERNEL_THIRD_PARTY = {"numpy": ("cashflows", "schedule"), "stdnum": ("identifiers",)}
# Folders of the gateway are rooms of one house, not components: only these nouns are.
FORBIDDEN_NAMES = frozenset({"utils", "helpers", "manager", "base", "impl", "common_code", "misc"})
# Modules that must import late, each with its reason.
LATE_IMPORTS: dict[str, str] = {}


@dataclass(frozen=True)
class Module:
    """One Python file of the platform."""

    path: str
    text: str

    @property
    def name(self) -> str:
        """Its dotted name, `zhongtai.credit.limit.domain`."""
        parts = list(PurePosixPath(self.path).with_suffix("").parts[1:])
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def tree(self) -> ast.Module:
        """Its syntax."""
        return _parsed(self.text)

    @property
    def service(self) -> str:
        """The service it belongs to, or the package beside the services (`kernel`, `runtime`, `gateway`, …)."""
        return self.name.split(".")[1] if "." in self.name else ""

    @property
    def noun(self) -> str:
        """The component it belongs to, where it is a room of one."""
        parts = self.name.split(".")
        return parts[2] if len(parts) > 3 and parts[3] in ROOMS else ""

    @property
    def room(self) -> str:
        """Which room of its component it is."""
        return self.name.split(".")[3] if self.noun else ""


@cache
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)


def sources(roots: tuple[str, ...] = ROOTS) -> dict[str, str]:
    """Every hand-written Python file of the platform, or below other roots, generated contracts left out."""
    found = {}
    for root in roots:
        for file in sorted((ROOT / root).rglob("*.py")):
            path = file.relative_to(ROOT).as_posix()
            if "/v1/" not in path and "/migrations/" not in path:
                found[path] = file.read_text(encoding="utf-8")
    return found


def modules(files: Sources) -> list[Module]:
    """The Python modules among the sources."""
    return [Module(path, text) for path, text in files.items() if path.endswith(".py")]


def imported(module: Module) -> Iterator[tuple[str, int]]:
    """Every module a module names in an import, with the line: deferred and type-only ones too."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module, node.lineno
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def namespace_has_no_init(files: Sources) -> list[str]:
    """`zhongtai` is one namespace over three roots: an `__init__.py` in one hides the others."""
    return [
        f"{root}/zhongtai/__init__.py hides the other roots"
        for root in ROOTS
        if f"{root}/zhongtai/__init__.py" in files
    ]


def components_have_init(files: Sources) -> list[str]:
    """A component's folder without `__init__.py` drops out of the import checks."""
    folders = {str(PurePosixPath(module.path).parent) for module in modules(files) if module.noun}
    return [f"{folder} needs an __init__.py" for folder in sorted(folders) if f"{folder}/__init__.py" not in files]


def imports_are_absolute(files: Sources) -> list[str]:
    """No relative imports: a name says where it lives."""
    return [
        f"{module.path}:{node.lineno} imports relatively"
        for module in modules(files)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom) and node.level
    ]


def imports_stand_at_the_top(files: Sources) -> list[str]:
    """No imports inside functions: what a module needs stands at its head."""
    broken = []
    for module in modules(files):
        if module.path in LATE_IMPORTS:
            continue
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for inner in ast.walk(node):
                    if isinstance(inner, ast.Import | ast.ImportFrom):
                        broken.append(f"{module.path}:{inner.lineno} imports inside {node.name}")
    return broken


def services_meet_only_in_contracts(files: Sources) -> list[str]:
    """A service imports from another service only its generated contract."""
    broken = []
    for module in modules(files):
        for name, line in imported(module):
            parts = name.split(".")
            if parts[0] != "zhongtai" or len(parts) < 2 or parts[1] not in (*SERVICES, "gateway"):
                continue
            if module.service == "testing" and parts[1] == "gateway":
                continue  # what proves a product stands above the compiler that reads it
            if parts[1] != module.service and len(parts) > 2 and parts[2] != "v1":
                broken.append(f"{module.path}:{line} imports {name}: only zhongtai.{parts[1]}.v1 is open to others")
    return broken


def rooms_look_inwards(files: Sources) -> list[str]:
    """handlers → store → domain → kernel, and never back; runtime and kernel never look at a service."""
    open_to = {
        "domain": ("zhongtai.kernel",),
        "engine": ("zhongtai.kernel",),
        "store": (
            "zhongtai.kernel",
            "zhongtai.common.v1.page_pb2",
            "zhongtai.runtime.store",
            "zhongtai.runtime.resident",
            "zhongtai.runtime.heard",
            "zhongtai.runtime.unit",
            "zhongtai.runtime.plain",
        ),
        "handlers": ("zhongtai.kernel", "zhongtai.runtime", "zhongtai.common.v1"),
        "commands": ("zhongtai.kernel", "zhongtai.runtime", "zhongtai.common.v1"),
    }
    inner = {
        "domain": ("domain",),
        "engine": ("domain", "engine"),
        "store": ("domain", "engine", "store"),
        "handlers": ("domain", "engine", "store", "publishing"),
        "commands": ("domain", "engine", "store", "publishing"),
    }
    broken = []
    for module in modules(files):
        if module.room not in open_to or module.service not in SERVICES:
            continue
        for name, line in imported(module):
            if not name.startswith("zhongtai."):
                continue
            parts = name.split(".")
            own = parts[1] == module.service and parts[2:3] != ["v1"]
            contract = len(parts) > 2 and parts[2] == "v1" and module.room in ("handlers", "commands")
            if own and (len(parts) <= 3 or parts[3] in inner[module.room] or module.room in ("handlers", "commands")):
                continue
            if contract or any(name == known or name.startswith(f"{known}.") for known in open_to[module.room]):
                continue
            if any(known.startswith(f"{name}.") or known == name for known in open_to[module.room]):
                continue
            broken.append(f"{module.path}:{line} imports {name}: {module.room} looks inwards only")
    return broken


def handlers_are_not_called_by_others(files: Sources) -> list[str]:
    """A noun uses another's domain and store, never its handlers."""
    return [
        f"{module.path}:{line} imports {name}: handlers answer the runtime alone"
        for module in modules(files)
        for name, line in imported(module)
        if module.noun and name.split(".")[3:4] == ["handlers"] and name.split(".")[1] in SERVICES
    ]


def shared_knows_no_service(files: Sources) -> list[str]:
    """all → runtime → kernel: what is shared names no service and no gateway."""
    broken = []
    for module in modules(files):
        if module.service not in ("kernel", "runtime"):
            continue
        for name, line in imported(module):
            parts = name.split(".")
            if parts[0] != "zhongtai" or len(parts) < 2:
                continue
            allowed = {"kernel": ("kernel",), "runtime": ("kernel", "runtime", "common")}[module.service]
            if parts[1] not in allowed:
                broken.append(f"{module.path}:{line} imports {name}: {module.service} stands below it")
    return broken


def domains_are_pure(files: Sources) -> list[str]:
    """A domain imports the kernel and the pure standard library only; numpy where it is columnar."""
    broken = []
    for module in modules(files):
        if module.room not in ("domain", "engine") and module.service != "kernel":
            continue
        for name, line in imported(module):
            top = name.split(".")[0]
            if top == "zhongtai" or top in PURE:
                continue
            if top == "numpy" and (module.room == "engine" or module.service == "kernel"):
                continue
            if module.service == "kernel" and (
                module.name.split(".")[-1] in KERNEL_THIRD_PARTY.get(top, ()) or top in stdlib_module_names
            ):
                continue
            broken.append(f"{module.path}:{line} imports {name}: not a pure word")
    return broken


def domains_hold_their_breath(files: Sources) -> list[str]:
    """No clock, no log, no await, no float in a domain."""
    broken = []
    for module in modules(files):
        if module.room != "domain":
            continue
        for node in ast.walk(module.tree):
            if isinstance(node, ast.AsyncFunctionDef | ast.Await):
                broken.append(f"{module.path}:{node.lineno} awaits")
            if (
                isinstance(node, ast.Attribute)
                and node.attr in ("now", "today", "utcnow")
                and isinstance(node.value, ast.Name)
                and node.value.id in ("datetime", "date")
            ):
                broken.append(f"{module.path}:{node.lineno} reads the clock")
            if isinstance(node, ast.Name) and node.id == "float":
                broken.append(f"{module.path}:{node.lineno} uses float: money and rates are exact")
            if isinstance(node, ast.Constant) and isinstance(node.value, float):
                broken.append(f"{module.path}:{node.lineno} writes a float: money and rates are exact")
    return broken


def handlers_hold_no_rule(files: Sources) -> list[str]:
    """Handlers translate: they raise nothing, catch nothing, and wait only where an Orchestration holds no writer."""
    broken = []
    for module in modules(files):
        if module.room != "handlers" or module.service not in SERVICES:
            continue
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Raise):
                broken.append(f"{module.path}:{node.lineno} raises: the rule belongs in the domain")
            if isinstance(node, ast.Try):
                broken.append(f"{module.path}:{node.lineno} catches: refusals go to the caller")
            if isinstance(node, ast.AsyncFunctionDef) and not _is_given_an_orchestration(node):
                broken.append(f"{module.path}:{node.lineno} awaits: a handler never waits while it holds the writer")
    return broken


def _is_given_an_orchestration(handler: ast.AsyncFunctionDef) -> bool:
    return any(isinstance(it.annotation, ast.Name) and it.annotation.id == "Orchestration" for it in handler.args.args)


def domain_values_are_frozen(files: Sources) -> list[str]:
    """Every dataclass of a domain is frozen: a verb answers a new value."""
    broken = []
    for module in modules(files):
        if module.room != "domain":
            continue
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef) and any(_is_thawed(decorator) for decorator in node.decorator_list):
                broken.append(f"{module.path}:{node.lineno} {node.name} is not frozen")
    return broken


def _is_thawed(decorator: ast.expr) -> bool:
    if isinstance(decorator, ast.Name):
        return decorator.id == "dataclass"
    if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Name) and decorator.func.id == "dataclass":
        return not any(
            keyword.arg == "frozen" and isinstance(keyword.value, ast.Constant) and keyword.value.value is True
            for keyword in decorator.keywords
        )
    return False


def nothing_is_too_long(files: Sources) -> list[str]:
    """A function fits in 50 lines, a module in 400; what does not fit is two things."""
    broken = []
    for module in modules(files):
        if (lines := len(module.text.splitlines())) > 400:
            broken.append(f"{module.path} has {lines} lines: it is two things")
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                first = node.body[0]
                documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
                start = (first.end_lineno or node.lineno) if documented else node.lineno
                if (length := (node.end_lineno or start) - start + 1) > 50:
                    broken.append(f"{module.path}:{node.lineno} {node.name} has {length} lines: it is two things")
    return broken


def names_say_what_things_are(files: Sources) -> list[str]:
    """No `utils`, `helpers`, `manager`, `base`, `impl`."""
    return [
        f"{path}: {part} does not say what it is"
        for path in files
        for part in PurePosixPath(path).with_suffix("").parts
        if part in FORBIDDEN_NAMES
    ]


def nothing_is_left_unfinished(files: Sources) -> list[str]:
    """What is not built is not written down as if it were."""
    words = ("TO" + "DO", "FIX" + "ME", "XX" + "X", "NotImplemented" + "Error")
    return [
        f"{path}:{number} says {word}"
        for path, text in files.items()
        for number, line in enumerate(text.splitlines(), 1)
        for word in words
        if word in line
    ]


def modules_open_with_their_purpose(files: Sources) -> list[str]:
    """Every module has a docstring."""
    return [
        f"{module.path} does not say what it is for" for module in modules(files) if not ast.get_docstring(module.tree)
    ]


def there_are_no_circles(files: Sources) -> list[str]:
    """No module is reached again from what it imports; deferred and type-only imports count."""
    names = {module.name: module for module in modules(files)}
    edges = {
        name: sorted({target for target, _ in imported(module) if target in names and target != name})
        for name, module in names.items()
    }
    circles: list[str] = []
    done: set[str] = set()
    for start in sorted(edges):
        _walk(start, edges, [], done, circles)
    return circles


def _walk(name: str, edges: Mapping[str, list[str]], path: list[str], done: set[str], circles: list[str]) -> None:
    if name in path:
        circles.append(" → ".join([*path[path.index(name) :], name]))
        return
    if name in done:
        return
    for target in edges[name]:
        _walk(target, edges, [*path, name], done, circles)
    done.add(name)


RULES = (
    namespace_has_no_init,
    components_have_init,
    imports_are_absolute,
    imports_stand_at_the_top,
    services_meet_only_in_contracts,
    rooms_look_inwards,
    handlers_are_not_called_by_others,
    shared_knows_no_service,
    domains_are_pure,
    domains_hold_their_breath,
    handlers_hold_no_rule,
    domain_values_are_frozen,
    nothing_is_too_long,
    names_say_what_things_are,
    nothing_is_left_unfinished,
    modules_open_with_their_purpose,
    there_are_no_circles,
)
