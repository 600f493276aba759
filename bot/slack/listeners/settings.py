"""`/lead settings`: a person says how they want to be told of leads."""

from bot.slack import forms, ids
from bot.slack.blocks.settings import NO_LIMIT
from bot.slack.desk import Desk, Press
from bot.slack.listening import Listening
from bot.usecases.prefer import prefer
from funnel.preference import Preference


def register(listening: Listening) -> None:
    listening.modal(ids.SETTINGS_MODAL, submit)


def submit(desk: Desk, press: Press) -> None:
    most = forms.value_of(press.view, "most_an_hour")
    chosen = Preference.model_validate(
        {
            "alert": forms.value_of(press.view, "alert"),
            "most_an_hour": None if most == NO_LIMIT else int(most),
            "digest": "digest" in forms.checked(press.view, "digest"),
        }
    )
    prefer(desk.store, press.user, chosen, press.at)
