"""Who may do what."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from funnel.errors import NotAllowed


class Role(StrEnum):
    ADMIN = "admin"
    MANAGER = "manager"
    MARKETER = "marketer"
    SDR = "sdr"
    REP = "rep"


class Act(StrEnum):
    CLAIM = "claim leads"
    QUALIFY = "log calls and decide on leads"
    DECIDE_FOR_OTHERS = "act on a colleague's lead"
    CREATE = "add leads"
    IMPORT = "import files"
    MERGE = "say who is the same person"
    CHANGE_POLICY = "change the policy"
    SEE_BOARD = "see the board"


MAY: dict[Act, frozenset[Role]] = {
    Act.CLAIM: frozenset({Role.SDR, Role.REP, Role.MANAGER, Role.ADMIN}),
    Act.QUALIFY: frozenset({Role.SDR, Role.REP, Role.MANAGER, Role.ADMIN}),
    Act.DECIDE_FOR_OTHERS: frozenset({Role.REP, Role.MANAGER, Role.ADMIN}),
    Act.CREATE: frozenset(Role),
    Act.IMPORT: frozenset({Role.MARKETER, Role.MANAGER, Role.ADMIN}),
    Act.MERGE: frozenset({Role.SDR, Role.REP, Role.MARKETER, Role.MANAGER, Role.ADMIN}),
    Act.CHANGE_POLICY: frozenset({Role.ADMIN}),
    Act.SEE_BOARD: frozenset({Role.MANAGER, Role.ADMIN}),
}


class Person(BaseModel):
    """Someone who acts, by their Slack user id. Guests and people of other workspaces are outsiders.

    An operator is at the command line of the machine that holds the database, and may do everything.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    outsider: bool = False
    operator: bool = False


class Roles(BaseModel):
    """Slack user ids by role. Everybody who is in no list has the roles of `everyone`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    admin: list[str] = []
    manager: list[str] = []
    marketer: list[str] = []
    sdr: list[str] = []
    rep: list[str] = []
    everyone: list[Role] = [Role.SDR, Role.REP, Role.MARKETER]

    def of(self, person: Person) -> frozenset[Role]:
        """The roles of a person; outsiders have none."""
        if person.operator:
            return frozenset(Role)
        if person.outsider:
            return frozenset()
        named = frozenset(role for role in Role if person.id in getattr(self, role.value))
        return named or frozenset(self.everyone)

    def may(self, person: Person, act: Act) -> bool:
        return bool(self.of(person) & MAY[act])

    def check(self, person: Person, act: Act) -> None:
        """Let an act pass.

        Raises:
            NotAllowed: with a sentence that says who could do it.
        """
        if self.may(person, act):
            return
        if person.outsider:
            raise NotAllowed("Guests and people of other workspaces can look at leads but not act on them.")
        able = ", ".join(sorted(role.value for role in MAY[act]))
        raise NotAllowed(f"Your role cannot {act.value}; these can: {able}. An admin can give you the role.")
