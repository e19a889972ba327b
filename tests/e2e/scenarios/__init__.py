"""All scenarios, in the order of their files. A function decorated with `scenario` is one."""
import importlib
import inspect

SCENARIOS = []


class Scenario:
    def __init__(self, play, is_default, is_alone, minutes, settings):
        self.play, self.is_default, self.is_alone, self.minutes = play, is_default, is_alone, minutes
        self.settings = settings
        self.name = play.__name__.replace("_", "-")
        self.summary = inspect.getdoc(play).splitlines()[0]


def scenario(default=True, alone=False, minutes=1, settings=None):
    """
    `default`: part of the short set. `alone`: it would disturb others, or they its figures. `minutes`: about how long it
    takes; long ones begin first. `settings`: variables that the controller is started with for it, which it then has alone.
    """
    def register(play):
        SCENARIOS.append(Scenario(play, default, alone, minutes, settings or {}))
        return play
    return register


for _name in ("workloads", "validation", "claims", "termination", "repair", "expiration", "consolidation", "drift", "static", "buffers", "devices",
              "howto", "credentials", "faults", "scale", "performance"):
    importlib.import_module("scenarios." + _name)
