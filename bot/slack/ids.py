"""The names by which Slack and Baton refer to the same button, field, modal or command."""

LEAD_COMMAND = "/lead"
FUNNEL_COMMAND = "/funnel"
NEW_LEAD_SHORTCUT = "lead_create"
FROM_MESSAGE_SHORTCUT = "lead_from_message"

CLAIM = "claim"
RELEASE = "release"
LOG_BANT = "log_bant"
NOT_A_FIT = "not_a_fit"
MENU = "lead_menu"
UNDO = "undo"
ALIKE = "alike"
ALIKE_ONE = "one"
ALIKE_TWO = "two"
NEW_LEAD = "new_lead"
HOME_MINE = "home_mine"
HOME_WAITING = "home_waiting"
HAND_OVER = "hand_over"
AWAY = "away"
OPEN_ON = "open_on"
MINE_ON = "mine_on"
OUTCOME = "outcome"
IMPORT = "import"
IMPORT_FROM = "import_from"
CANCEL_IMPORT = "cancel_import"

BANT_MODAL = "bant_modal"
REJECT_MODAL = "reject_modal"
LEAD_MODAL = "lead_modal"
SOURCE_MODAL = "source_modal"
SETTINGS_MODAL = "settings_modal"
HAND_OVER_MODAL = "hand_over_modal"
AWAY_MODAL = "away_modal"
SNOOZE_MODAL = "snooze_modal"

REASON = "reason"
OTHER_REASON = "other_reason"
WAKE_ON = "wake_on"
NOTE = "note"
SOURCE = "source"
TO = "to"
UNTIL = "until"
QUIET_FROM = "quiet_from"
QUIET_UNTIL = "quiet_until"
OTHER_UNTIL = "other_until"
WHO = "who"
WAY = "way"
FIRST_DAY = "first_day"
RETURN_DAY = "return_day"
VALUE = "value"
"""The action id of every field that stands alone in its block; the block's id says which field it is."""

CARD_BLOCK = "card"


def card_block(cycle_id: int) -> str:
    """The block id of a card's buttons; it tells a card from a list that offers the same buttons."""
    return f"{CARD_BLOCK}:{cycle_id}"


def is_card_block(block_id: str) -> bool:
    return block_id.startswith(f"{CARD_BLOCK}:")


OUTCOME_SAVE = "save"
OUTCOME_SQL = "sql"
OUTCOME_RECYCLED = "recycled"
OUTCOME_DISQUALIFIED = "disqualified"

OTHER = "Other"
MENU_WHY = "why"
MENU_SHOW = "show"
MENU_SNOOZE = "snooze"
MENU_ATTEMPT = "attempt"
MENU_HAND_OVER = "hand_over"
