"""Words that several pages use for the same thing."""

from collections.abc import Mapping

from core.governance.policy import UserRole

ROLE_NAMES: Mapping[UserRole, str] = {
    UserRole.GENERAL: "General user",
    UserRole.DOMAIN_ADMIN: "Domain administrator",
    UserRole.PLATFORM_ADMIN: "Platform administrator",
    UserRole.AUDITOR: "Auditor",
}
ROLE_TEXTS: Mapping[UserRole, str] = {
    UserRole.GENERAL: "Works with the data of their projects, from upload to release.",
    UserRole.DOMAIN_ADMIN: "The same, and creates projects and chooses their members.",
    UserRole.PLATFORM_ADMIN: "Runs the installation: accounts, roles, audit.",
    UserRole.AUDITOR: "Reads results, releases and the audit; changes nothing.",
}
