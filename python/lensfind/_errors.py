"""What lensfind raises and warns of."""

from __future__ import annotations


class Error(Exception):
    """What went wrong, with a hint what to do about it.

    Parameters
    ----------
    what : str
        What happened, and to which file or value.
    hint : str, optional
        What can be done now. Tracebacks show it below the message.

    Attributes
    ----------
    hint : str
        The hint; empty where there is none.
    """

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.hint = hint
        if hint:
            self.add_note(f"hint: {hint}")

    def __reduce__(self) -> tuple[type[Error], tuple[str, str]]:
        return type(self), (str(self), self.hint)


class Stopped(Error):
    """Long work was stopped, and left a state that `resume=True` goes on from."""


class SetAsideWarning(UserWarning):
    """Some cutouts could not be scored; their logits are NaN."""
