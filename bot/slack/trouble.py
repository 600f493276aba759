"""What Slack did not do."""

LOGIN_PAGE = "login_page"
"""What Slack answers, with status 200, to who may not read a file: a page to sign in."""
TOO_LARGE = "too_large"
NOT_SLACKS = "not_slacks_host"
NOT_FOUND = "file_not_found"

TOKEN_REFUSED = frozenset(
    {"account_inactive", "app_uninstalled", "invalid_auth", "not_authed", "token_expired", "token_revoked"}
)
"""What Slack says of every call when the token is no good (any more)."""
APP_REFUSED = frozenset(
    {"access_denied", "ekm_access_denied", "org_login_required", "team_access_not_granted", "team_added_to_org"}
)
"""What it says of every call when the organisation does not let the app in."""
MISSING_SCOPE = "missing_scope"
NEEDED_TO_SEND = "chat:write"
HOLD_UP = TOKEN_REFUSED | APP_REFUSED | {MISSING_SCOPE}
"""What holds up a message until somebody mends it."""


class SlackTrouble(Exception):
    """Slack did not do what was asked.

    `passing`: worth trying again. `uncertain`: it may have been done all the same. `retry_after`: seconds to wait.
    `refuses_app`: it is the token, the app or the organisation that is refused, not this call: every other would be,
    until somebody mends it.
    """

    def __init__(
        self,
        code: str,
        *,
        passing: bool,
        uncertain: bool = False,
        retry_after: float | None = None,
        refuses_app: bool = False,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.passing = passing
        self.uncertain = uncertain
        self.retry_after = retry_after
        self.refuses_app = refuses_app


def refusal_sentence(code: str) -> str:
    """That Slack refuses the app, and the mend, for who runs it."""
    if code in APP_REFUSED:
        return (
            f"Slack refused this app ({code}): have an admin of your Slack organisation approve it for this workspace; "
            "what waits is sent then"
        )
    if code == MISSING_SCOPE:
        return (
            f"Slack refused to post ({code}): the app lacks {NEEDED_TO_SEND}; install it again with manifest.yml, and "
            "what waits is sent"
        )
    return (
        f"Slack refused SLACK_BOT_TOKEN ({code}): copy the Bot User OAuth Token again from your Slack app's page "
        "“OAuth & Permissions” and restart Baton; what waits is sent then"
    )


_NO_FILE = {
    LOGIN_PAGE: "Slack shows me a page to sign in instead of {name}: I lack the permission files:read. Ask who runs me "
    "to install the app again with the manifest, then drop the file again.",
    TOO_LARGE: "{name} is larger than I can take; drop it in parts.",
    NOT_SLACKS: "{name} is kept outside Slack, where I do not go; drop the file itself, from your computer.",
    NOT_FOUND: "Slack has no {name} any more; drop it again.",
}


def why_no_file(name: str, trouble: SlackTrouble) -> str:
    """Why a file could not be had from Slack and what to do, in plain text for who shared it."""
    told = _NO_FILE.get(trouble.code, f"Slack does not hand out {{name}} ({trouble.code}); drop it again.")
    return told.replace("{name}", name)
