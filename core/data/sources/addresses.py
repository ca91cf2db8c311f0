"""Which hosts may be connected to: every address of a name is looked at before it is used."""

import ipaddress
import socket

from core.errors import InvalidInput

_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
_OLD_FORM = ipaddress.IPv6Network("::/96")


def checked_address(host: str, port: int | None, *, forbid_private: bool) -> str:
    """The host, or, where private networks are forbidden, one of its addresses to connect to.

    Connecting to the address that was looked at leaves no time for the name to change.

    Raises
    ------
    InvalidInput
        The name has no address, or one that is private, of this machine or otherwise special.
    """
    if not forbid_private:
        return host
    try:
        found = socket.getaddrinfo(host, port or 0, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise InvalidInput("The host's name has no address. Check its spelling.") from error
    addresses = [str(entry[4][0]).partition("%")[0] for entry in found]
    if not addresses or not all(_is_public(address) for address in addresses):
        raise InvalidInput(
            "The host lies in a private network or on this machine, which the administrator has "
            "forbidden (STUDIO_FORBID_PRIVATE). Use a public host, or ask the administrator."
        )
    return addresses[0]


def _is_public(address: str) -> bool:
    parsed = ipaddress.ip_address(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        inner = parsed.ipv4_mapped or parsed.sixtofour
        if inner is None and (parsed in _TRANSLATED or parsed in _OLD_FORM):
            inner = ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF)
        if inner is not None:
            parsed = inner
    return parsed.is_global and not parsed.is_multicast
