"""What Slack did not do."""

LOGIN_PAGE = "login_page"
"""What Slack answers, with status 200, to who may not read a file: a page to sign in."""
TOO_LARGE = "too_large"
NOT_SLACKS = "not_slacks_host"
NOT_FOUND = "file_not_found"


class SlackTrouble(Exception):
    """Slack did not do what was asked.

    `passing`: worth trying again. `uncertain`: it may have been done all the same. `retry_after`: seconds to wait.
    """

    def __init__(self, code: str, *, passing: bool, uncertain: bool = False, retry_after: float | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.passing = passing
        self.uncertain = uncertain
        self.retry_after = retry_after


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
