"""What Slack must be told of files that people dropped."""

from typing import Literal

from funnel.notice_base import BaseNotice


class PostUpload(BaseNotice):
    """Post the card of a dropped file in the thread it was dropped in."""

    kind: Literal["post_upload"] = "post_upload"
    upload_id: int
    channel: str


class RefreshUpload(BaseNotice):
    """Show today's truth on the card of a dropped file."""

    kind: Literal["refresh_upload"] = "refresh_upload"
    upload_id: int


class TellImported(BaseNotice):
    """Tell whoever dropped a file, by mention in its thread, what became of its rows."""

    kind: Literal["tell_imported"] = "tell_imported"
    upload_id: int
    channel: str


class HandBackRows(BaseNotice):
    """Hand the refused rows of a file back in its thread, as a file if Slack takes one."""

    kind: Literal["hand_back_rows"] = "hand_back_rows"
    upload_id: int
    channel: str
