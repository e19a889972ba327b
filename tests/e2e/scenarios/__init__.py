"""All scenarios, in the order of their files. A function decorated with `scenario` is one."""
import importlib
import inspect

SCENARIOS = []


class Scenario:
    def __init__(self, play, is_default, is_alone):
        self.play, self.is_default, self.is_alone = play, is_default, is_alone
        self.name = play.__name__.replace("_", "-")
        self.summary = inspect.getdoc(play).splitlines()[0]


def scenario(default=True, alone=False):
    """`default`: part of the short set. `alone`: it would disturb others, or they its figures."""
    def register(play):
        SCENARIOS.append(Scenario(play, default, alone))
        return play
    return register


for _name in ("workloads", "validation", "claims", "termination", "repair", "expiration", "consolidation", "drift", "static", "buffers",
              "howto", "credentials", "faults", "scale"):
    importlib.import_module("scenarios." + _name)
