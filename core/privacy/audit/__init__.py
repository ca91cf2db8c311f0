"""Checking a guarantee from outside: frozen noise, proven lower bounds on ε, and what was found.

What runs engines lies in ``core.synthesis.dp_audit``; here is all that it needs of privacy.
"""

from core.privacy.audit.evidence import AuditEvidence, evidence_for, stored_evidence, with_evidence

__all__ = ["AuditEvidence", "evidence_for", "stored_evidence", "with_evidence"]
