"""Why an installer or a server failed, read from what it printed, and what to do; standard library only."""

import re

DISK = (
    r"no space left on device|os error 28|ENOSPC|disk quota exceeded",
    "The disk is full: free some space (about 1 GB is needed) and run the command again.",
)
NETWORK = (
    r"name resolution|name or service not known|dns error|network is unreachable|connection refused"
    r"|failed to establish a new connection|error sending request|timed out|ENOTFOUND|EAI_AGAIN|ECONNREFUSED",
    "The package index cannot be reached: check the network, or name a mirror in PIP_INDEX_URL, "
    "and run the command again.",
)
CERTIFICATE = (
    r"certificate verify failed|invalid peer certificate|self.signed certificate|UnknownIssuer",
    "Somebody between here and the package index signs with a certificate of their own: "
    "name the file of their authority in SSL_CERT_FILE and run the command again.",
)
PIP = (
    r"no module named pip",
    "This Python has no pip: install it (on Debian and Ubuntu: sudo apt install python3-pip) "
    "and run the command again.",
)


def sentence(output: str, *causes: tuple[str, str]) -> str:
    """The advice of the first of `causes` (default: all) that `output` shows; empty when it shows none."""
    for pattern, advice in causes or (DISK, CERTIFICATE, NETWORK, PIP):
        if re.search(pattern, output, re.IGNORECASE):
            return advice
    return ""
