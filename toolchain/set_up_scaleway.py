"""Gives Pulumi the plugin `scaleway`, in this order: there already, from the plugin's server, a build from Go modules.

Only where the Python package pulumiverse-scaleway is installed, and in the version that this package asks for.
"""

import os
from urllib.parse import urlsplit

from go_build import Workshop, move_into_place
from steps import Problem, obstacle_on_the_way_to, run, say, step

from lbpatterns.cli import machine, scaleway_plugin
from lbpatterns.cli.scaleway_plugin import EXECUTABLE, Wanted

TITLE = "Scaleway plugin"
PROJECT = "name: schema\nruntime: go\n"  # or the schema's generator reads a project in a folder above


def set_up_scaleway_plugin(pulumi: machine.Found, workshop: Workshop) -> None:
    """The plugin in Pulumi's home. One that somebody else put there is left alone; an older build of ours is not."""
    wanted = scaleway_plugin.wanted()
    if wanted is None:
        say(f"{TITLE}: not needed (pip install 'lbpatterns[scaleway]' brings the package that uses it)")
        return
    if os.environ.get("LBPATTERNS_SETUP_FOR") == "demo" and scaleway_plugin.find(wanted) is None:
        say(f"{TITLE}: not needed for the demo (make test and lbpatterns setup bring it)")
        return
    if not up_to_date(wanted):
        built = scaleway_plugin.build_directory(wanted) / EXECUTABLE
        if not built.exists():
            use_server(wanted, pulumi)
        if not up_to_date(wanted):
            build(wanted, workshop)
            install_build(wanted, pulumi)
    found = scaleway_plugin.find(wanted)
    if found is None:
        raise Problem(
            f"The {TITLE} was installed, and Pulumi's home does not hold it.",
            where=str(scaleway_plugin.pulumi_home() / "plugins" / wanted.folder),
            why=f"there is no {EXECUTABLE} that runs, or an installation was broken off beside it",
            fix=f"delete {wanted.folder}* there and run this again",
        )
    say(f"{TITLE} {found.version}: {found.path} ({found.origin})")


def up_to_date(wanted: Wanted) -> bool:
    """Whether Pulumi has the plugin, and not from older sources of ours."""
    found = scaleway_plugin.find(wanted)
    return found is not None and scaleway_plugin.built_from(found.path) in {None, scaleway_plugin.build_key()}


def use_server(wanted: Wanted, pulumi: machine.Found) -> None:
    """The published plugin, where its server is in reach; a machine without it is no error."""
    host = urlsplit(wanted.server).hostname
    obstacle = obstacle_on_the_way_to(host) if host else "its package names no server"
    if obstacle:
        say(f"{TITLE}: {obstacle}; going on to the build from Go modules")
        return
    with step(f"Installing the {TITLE} {wanted.version} ({host})"):
        try:
            pulumi_plugin_install(wanted, pulumi, "--server", wanted.server, "--reinstall")
        except Problem as problem:
            obstacle = problem.why.splitlines()[-1].strip()
    if obstacle:
        say(f"  its server failed: {obstacle}; going on to the build from Go modules")


def build(wanted: Wanted, workshop: Workshop) -> None:
    """Build the plugin from the toolchain's `scaleway-plugin` into the user's cache."""
    target = scaleway_plugin.build_directory(wanted)
    workshop.wait()
    if (target / EXECUTABLE).exists():
        return  # by an earlier set-up, or by the one that we waited for
    workshop.prepare(f"the {TITLE}")
    staged = workshop.staged(target.parent.name)
    doing = f"Building the {TITLE} from Go modules"
    with step(f"{doing}: {wanted.version} (about 3 minutes on 2 cores, once a machine)") as current:
        module = workshop.module("scaleway-plugin")
        (module / "Pulumi.yaml").write_text(PROJECT)
        words = ["run", "-v", "-trimpath", "./schema", wanted.version, "schema.json"]
        workshop.go(module, *words, doing=doing, progress=current)
        flags = ["-X", f"main.version={wanted.version}"]
        workshop.compile(module, ".", staged / EXECUTABLE, flags, doing=doing, of=current)
    (staged / scaleway_plugin.MARK).write_text(f"{scaleway_plugin.build_key()}\n")
    move_into_place(staged, target)


def install_build(wanted: Wanted, pulumi: machine.Found) -> None:
    """Copy our build to where Pulumi looks. On PATH it would be found too, and warned of at every run."""
    folder = scaleway_plugin.build_directory(wanted)
    pulumi_plugin_install(wanted, pulumi, "--file", str(folder), "--reinstall")


def pulumi_plugin_install(wanted: Wanted, pulumi: machine.Found, *options: str) -> None:
    command = [str(pulumi.path), "plugin", "install", "resource", scaleway_plugin.NAME, f"v{wanted.version}", *options]
    run(command, doing=f"Installing the {TITLE}", env=machine.pulumi_environment(), timeout=600)
