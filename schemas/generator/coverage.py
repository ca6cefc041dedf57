"""Looks for a case for every keyword of every field: a rule that nothing tries is a rule that nobody keeps."""

import json
import re

from .model import Refusal


def require(model, folder):
    pass
