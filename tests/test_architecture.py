"""The floors hold."""

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = ("funnel", "storage", "bot")
FILES = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if "migrations" not in path.parts]


def test_the_import_contract_is_kept() -> None:
    program = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_rules_import_the_standard_library_and_pydantic_alone() -> None:
    allowed = sys.stdlib_module_names | {"pydantic", "pydantic_core", "funnel"}
    found = {(path.name, name) for path in (ROOT / "funnel").rglob("*.py") for name in _imported(path)}
    assert {(file, name) for file, name in found if name not in allowed} == set()


def _imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").partition(".")[0])
    return names


def test_two_places_catch_everything_and_no_third() -> None:
    """The runners of jobs and of letters; Bolt's error handler is a function, not an except."""
    broad = [
        path.relative_to(ROOT).as_posix()
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or getattr(node.type, "id", "") in {"Exception", "BaseException"})
    ]
    assert sorted(broad) == ["bot/jobs/scheduler.py", "bot/slack/dispatcher.py"]


def test_nobody_commits_but_the_transaction() -> None:
    committing = [path.name for path in FILES if ".commit(" in path.read_text(encoding="utf-8")]
    assert committing == []


def test_time_is_read_at_the_doors_alone() -> None:
    readers = {
        path.relative_to(ROOT).as_posix()
        for path in FILES
        if "utc_now()" in path.read_text(encoding="utf-8") or "datetime.now(" in path.read_text(encoding="utf-8")
    }
    doors = {"bot/clock.py", "bot/doctor.py", "bot/jobs/scheduler.py", "storage/store.py"}
    assert {name for name in readers - doors if not name.startswith(("bot/cli/", "bot/playground/"))} == set()


def test_functions_stay_small() -> None:
    long = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (node.end_lineno or 0) - node.lineno >= 50
    ]
    assert long == []


def test_the_project_speaks_of_itself_alone() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
    machine = ["/wo" + "rk/", "/ro" + "ot/", "files.python" + "hosted"]
    for name in listed:
        path = ROOT / name
        if path.suffix in {".py", ".md", ".toml", ".yml", ".lock", ".html", ".js", ".css"} and path.is_file():
            text = path.read_text(encoding="utf-8")
            assert not [word for word in machine if word in text], name
