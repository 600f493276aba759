"""What all notices share."""

from pydantic import BaseModel, ConfigDict


class BaseNotice(BaseModel):
    """Something Slack must be told; `kind` says which, and is how a stored one is read again."""

    model_config = ConfigDict(frozen=True)
