"""The pack, as Pulumi starts it: `pulumi preview --policy-pack "$(lbpatterns policy path)"`."""

import sys

try:
    from lbpatterns.policy.pack import run
except ModuleNotFoundError as error:
    sys.exit(
        f"The policy pack of lbpatterns cannot start: {sys.executable} has no package {error.name}.\n"
        "  fix: pip install 'lbpatterns[policy]' there, or name the folder that `lbpatterns policy path` prints"
    )

run()
