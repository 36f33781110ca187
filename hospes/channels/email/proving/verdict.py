"""One mail's verdict, of everything that can be found out about its sender."""

from __future__ import annotations

import time
from dataclasses import dataclass

from hospes.channels.contract import Verdict
from hospes.channels.email.headers import clean_line
from hospes.channels.email.proving import arc, dkim, dmarc, spf
from hospes.channels.email.proving.names import Names, Resolver, Unanswered
from hospes.channels.email.proving.signed import mail_of

MAX_SECONDS = 4.0  # for one mail
PASS, FAIL, NONE, TEMPERROR = "pass", "fail", "none", "temperror"


@dataclass(frozen=True)
class Envelope:
    """Who brought a mail, as the door saw it; "" for what it could not see."""

    peer: str = ""
    helo: str = ""
    sender: str = ""


def prove(raw: bytes, envelope: Envelope, from_domain: str, resolver: Resolver) -> Verdict:
    """Return what can be found out about a mail from this domain; `temperror` where nobody answered.

    from_domain: of the one address in From, as the DNS writes it.
    """
    names = Names(resolver, until=time.monotonic() + MAX_SECONDS)
    mail = mail_of(raw)
    spf_result, spf_domain = spf.check(
        peer=envelope.peer, helo=envelope.helo, sender=envelope.sender, names=names
    )
    dkim_result, signers = dkim.check_all(mail, names, now=time.time())
    asks, result = _dmarc(
        from_domain,
        names,
        signers=signers,
        sent_by=(spf_domain,) if spf_result == PASS else (),
        is_unsure=TEMPERROR in (spf_result, dkim_result),
    )
    chain = arc.check(mail, names)
    return Verdict(
        authserv_id="",
        dmarc=result,
        spf=spf_result,
        dkim=dkim_result,
        from_domain=from_domain,
        dmarc_policy=asks,
        spf_domain=clean_line(spf_domain, 253),
        dkim_domains=signers,
        arc=chain.result,
        arc_sealer=chain.sealer,
        arc_dmarc=_vouched(chain, from_domain),
    )


def _dmarc(
    domain: str,
    names: Names,
    *,
    signers: tuple[str, ...],
    sent_by: tuple[str, ...],
    is_unsure: bool,
) -> tuple[str, str]:
    """Return what the domain asks for, and whether it is proven."""
    try:
        policy = dmarc.policy_of(domain, names)
    except Unanswered:
        return "", TEMPERROR
    if policy is None:
        return "", NONE
    if dmarc.is_aligned(domain, signers, strict=policy.strict_dkim) or dmarc.is_aligned(
        domain, sent_by, strict=policy.strict_spf
    ):
        return policy.asks, PASS
    return policy.asks, TEMPERROR if is_unsure else FAIL


def _vouched(chain: arc.Chain, from_domain: str) -> str:
    """Return what the last sealer found out about this very domain."""
    if chain.said is None or chain.said.from_domain not in ("", from_domain):
        return ""
    return chain.said.dmarc
