"""Text that is dear to normalise, and honest text of the same length in bytes."""

BODY_BYTES = 240_000
MOST_DEARER = 20
"""Times as dear as honest text. Unchecked, each hostile text takes hundreds of times as long."""


def alternating(size: int) -> str:
    """Marks of two kinds, which normalising has to sort."""
    return "a" + "\u0301\u0327" * ((size - 1) // 4)


def half_width(size: int) -> str:
    """Voicing marks that only become combining marks by NFKC."""
    return "ｶ" + "\u0301\uff9e" * ((size - 3) // 5)


def among_letters(size: int) -> str:
    """Behind honest text, where a look at the beginning finds nothing."""
    return "あ" * 30 + alternating(size - 90)


HOSTILE = [alternating, half_width, among_letters]


def honest(size: int) -> str:
    return "あ" * (size // 3)
