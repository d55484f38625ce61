"""Base types 2-17: what people type in, canonical text in ``node.val``, what people read out."""

from qdm.types.registry import codec

__all__ = ["codec"]
