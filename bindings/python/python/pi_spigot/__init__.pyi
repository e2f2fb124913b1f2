# Types of the package: the text of each function is in the module that defines it.

from ._native import Digits as Digits
from ._native import digits as digits
from ._native import digits_bytes as digits_bytes
from ._native import digits_from as digits_from
from ._native import digits_from_bytes as digits_from_bytes
from ._native import release_memory as release_memory
from .hexadecimal import HexPart as HexPart
from .hexadecimal import HexPartialSum as HexPartialSum
from .hexadecimal import HexSum as HexSum
from .hexadecimal import hex_cost as hex_cost
from .hexadecimal import hex_digits as hex_digits
from .hexadecimal import hex_part as hex_part
from .hexadecimal import hex_plan as hex_plan
from .hexadecimal import hex_sum as hex_sum
from .numbers import to_decimal as to_decimal
from .numbers import to_fixed as to_fixed
from .numbers import to_int as to_int
from .numbers import to_mpmath as to_mpmath
from .proof import Digest as Digest
from .proof import Verification as Verification
from .proof import digest as digest
from .proof import verify as verify
from .text import blocks as blocks

__version__: str

__all__ = [
    "Digest",
    "Digits",
    "HexPart",
    "HexPartialSum",
    "HexSum",
    "Verification",
    "__version__",
    "blocks",
    "digest",
    "digits",
    "digits_bytes",
    "digits_from",
    "digits_from_bytes",
    "hex_cost",
    "hex_digits",
    "hex_part",
    "hex_plan",
    "hex_sum",
    "release_memory",
    "to_decimal",
    "to_fixed",
    "to_int",
    "to_mpmath",
    "verify",
]
