"""Settings of the other ways to sign in, off unless the environment names them (docs/access.md).

They give nobody a right.

``integram.settings`` takes every name in capitals from here.
"""

from integram import env

apps: list[str] = []
backends: list[str] = []

OIDC = bool(env.text("OIDC_CLIENT_ID"))
if OIDC:
    apps.append("mozilla_django_oidc")
    backends.append("rbac.oidc.Backend")
    OIDC_RP_CLIENT_ID = env.text("OIDC_CLIENT_ID")
    OIDC_RP_CLIENT_SECRET = env.text("OIDC_CLIENT_SECRET")
    OIDC_RP_SIGN_ALGO = env.text("OIDC_SIGN_ALGORITHM", "RS256")
    OIDC_RP_SCOPES = env.text("OIDC_SCOPES", "openid email profile")
    OIDC_OP_AUTHORIZATION_ENDPOINT = env.text("OIDC_AUTHORIZATION_URL")
    OIDC_OP_TOKEN_ENDPOINT = env.text("OIDC_TOKEN_URL")
    OIDC_OP_USER_ENDPOINT = env.text("OIDC_USERINFO_URL")
    OIDC_OP_JWKS_ENDPOINT = env.text("OIDC_JWKS_URL")
    OIDC_USE_PKCE = True
    OIDC_USERNAME_CLAIM = env.text("OIDC_USERNAME_CLAIM", "preferred_username")
    OIDC_GROUPS_CLAIM = env.text("OIDC_GROUPS_CLAIM")
    OIDC_GROUPS = env.words("OIDC_GROUPS", [])
    LOGIN_REDIRECT_URL_FAILURE = "/accounts/login/"
if env.text("LDAP_URL"):
    import ldap
    from django_auth_ldap.config import GroupOfNamesType, LDAPSearch

    backends.append("rbac.directory.Backend")
    AUTH_LDAP_SERVER_URI = env.text("LDAP_URL")
    AUTH_LDAP_START_TLS = env.flag("LDAP_START_TLS", False)
    AUTH_LDAP_BIND_DN = env.text("LDAP_BIND_DN")
    AUTH_LDAP_BIND_PASSWORD = env.text("LDAP_BIND_PASSWORD")
    AUTH_LDAP_USER_SEARCH = LDAPSearch(
        env.text("LDAP_PEOPLE"), ldap.SCOPE_SUBTREE, env.text("LDAP_FILTER", "(uid=%(user)s)")
    )
    AUTH_LDAP_USER_ATTR_MAP = {"first_name": "givenName", "last_name": "sn", "email": "mail"}
    LDAP_GROUPS = env.words("LDAP_GROUPS", [])
    if LDAP_GROUPS:
        AUTH_LDAP_GROUP_TYPE = GroupOfNamesType()
        AUTH_LDAP_GROUP_SEARCH = LDAPSearch(
            env.text("LDAP_GROUPS_BASE"), ldap.SCOPE_SUBTREE, "(objectClass=groupOfNames)"
        )
