"""Engine parameters: declared as all parameters are, see ``core.data.params``."""

from core.data.params import ParamSpec, build, param, specs, to_dict

__all__ = ["ParamSpec", "build", "param", "specs", "to_dict"]
