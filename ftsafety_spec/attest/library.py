"""The names of securesystemslib that are used here. Imported only where something is signed or checked, since it
brings the cryptography library with it."""

from securesystemslib.dsse import Envelope
from securesystemslib.signer import CryptoSigner, Signature, SSlibKey  # type: ignore[attr-defined]  # it has no __all__

__all__ = ["CryptoSigner", "Envelope", "SSlibKey", "Signature"]
