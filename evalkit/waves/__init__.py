"""What arrived: wave files read as they are, values, labels and missing codes untouched."""

from evalkit.waves.read import Wave, read_wave

__all__ = ["Wave", "read_wave"]
