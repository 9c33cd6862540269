"""Finds Pulumi or sets it up, in this order: on PATH, Pulumi's own installer, a build from Go modules.

Behind it come the Python language host, and the Scaleway plugin where its Python package is installed. Runs with the
Python of the environment that will use them; `lbpatterns setup` and `make setup` call it.
"""

import os
import sys

from go_build import Workshop, build_pulumi, install_language_host, refresh_language_host
from set_up_scaleway import set_up_scaleway_plugin
from steps import Problem, obstacle_on_the_way_to, reporting_problems, run, say, step

from lbpatterns.cli import machine

INSTALLER_HOST = "get.pulumi.com"
INSTALL = "import pulumi.automation; print(pulumi.automation.PulumiCommand.install().command)"


def main() -> None:
    with Workshop(machine.cache_directory(), machine.toolchain_directory()) as workshop:
        pulumi = set_up_pulumi(workshop)
        set_up_language_host(pulumi, workshop)
        set_up_scaleway_plugin(pulumi, workshop)


def set_up_pulumi(workshop: Workshop) -> machine.Found:
    """The Pulumi that is there, or the first way to get one that this machine allows."""
    found, rejected = machine.look_for_pulumi()
    for one in rejected:
        say(f"Pulumi: {one.path} is passed over: {one.why}")
    if found is None:
        use_installer()
        found = machine.find_pulumi()
    if found is None:
        build_pulumi(machine.build_directory(), workshop)
        found = machine.find_pulumi()
    if found is None:
        raise Problem(
            "Pulumi was built and does not run.",
            where=str(machine.build_directory() / "pulumi"),
            why="`pulumi version` prints no version that lbpatterns can use",
            fix=f"delete {machine.build_directory().parent} and run this again",
        )
    say(f"Pulumi {found.version}: {found.path} ({found.origin})")
    return found


def use_installer() -> None:
    """Pulumi's own installer, where it is in reach; a machine without it is no error."""
    obstacle = obstacle_on_the_way_to(INSTALLER_HOST)
    if obstacle:
        say(f"Pulumi's installer: {obstacle}; going on to the build from Go modules")
        return
    with step(f"Installing Pulumi with its own installer ({INSTALLER_HOST})"):
        try:
            run([sys.executable, "-c", INSTALL], doing="Pulumi's installer", timeout=600)
        except Problem as problem:
            obstacle = problem.why.splitlines()[-1].strip()
    if obstacle:
        say(f"  Pulumi's installer failed: {obstacle}; going on to the build from Go modules")


def set_up_language_host(pulumi: machine.Found, workshop: Workshop) -> None:
    """The Python language host beside our build, or behind an installed Pulumi that has none; never before one."""
    host = machine.find_language_host(pulumi)
    if host is not None and host.origin != "lbpatterns":
        say(f"Python language host: {host.path} ({host.origin})")
        return
    if pulumi.origin == "built by lbpatterns":
        refresh_language_host(machine.build_directory(), workshop.toolchain)
    elif host is None:
        install_language_host(machine.language_host_directory(), workshop)
    else:
        refresh_language_host(machine.language_host_directory(), workshop.toolchain)
    host = machine.find_language_host(pulumi)
    if host is None or not os.access(host.path, os.X_OK):
        raise Problem(
            "The Python language host was set up and is not found.",
            where=str(pulumi.path.parent),
            why=f"there is no {machine.LANGUAGE_HOST} beside Pulumi, on PATH or in {machine.cache_directory()}",
            fix=f"delete {machine.cache_directory()} and run this again",
        )
    say(f"Python language host: {host.path} ({host.origin})")


if __name__ == "__main__":
    reporting_problems(main)
