"""Says which matplotlib this run has."""

import matplotlib

print("matplotlib", matplotlib.__version__)
