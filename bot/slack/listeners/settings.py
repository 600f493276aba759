"""`/lead settings`: a person says how they want to be told of leads."""

from typing import Any

from pydantic import ValidationError

from bot.slack import forms, ids
from bot.slack.blocks.settings import NO_LIMIT
from bot.slack.desk import Desk, Press
from bot.slack.listening import Listening
from bot.slack.payloads import Malformed, number_in
from bot.usecases.prefer import prefer
from funnel.preference import Preference


def register(listening: Listening) -> None:
    listening.modal(ids.SETTINGS_MODAL, submit)


def submit(desk: Desk, press: Press) -> None:
    most = forms.value_of(press.view, "most_an_hour")
    chosen = _preference(
        alert=forms.value_of(press.view, "alert"),
        most_an_hour=None if most == NO_LIMIT else number_in(most),
        digest="digest" in forms.checked(press.view, "digest"),
        quiet=_quiet(press),
    )
    prefer(desk.store, press.user, chosen, press.at)


def _preference(**chosen: Any) -> Preference:
    try:
        return Preference.model_validate(chosen)
    except ValidationError:
        raise Malformed("the settings hold a choice that there is not") from None


def _quiet(press: Press) -> tuple[str, str] | None:
    begins, ends = (forms.value_of(press.view, one) for one in (ids.QUIET_FROM, ids.QUIET_UNTIL))
    if bool(begins) != bool(ends):
        missing = ids.QUIET_UNTIL if begins else ids.QUIET_FROM
        raise forms.FieldErrors({missing: "Choose both, from when and until when, or neither."})
    if begins and begins == ends:
        raise forms.FieldErrors({ids.QUIET_UNTIL: "Choose another time than the one it begins."})
    return (begins, ends) if begins else None
