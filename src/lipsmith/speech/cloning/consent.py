"""The consent of those whose voices are cloned: declared once for each recording, and kept."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from lipsmith.core.resources import state_folder
from lipsmith.core.speech import Reference
from lipsmith.errors import ConsentError

STATEMENT = (
    "I am the person who speaks in this recording, or have that person's consent to clone the "
    "voice and to publish what it is made to say."
)


@dataclass(frozen=True, slots=True)
class Consent:
    """A consent that was declared. sha256, name: of the recording. given_at: ISO 8601, UTC."""

    sha256: str
    name: str
    statement: str
    given_at: str

    def __str__(self) -> str:
        return f'on {self.given_at} this was declared: "{self.statement}"'


class ConsentBook:
    """The consents that were declared on this machine."""

    def __init__(self, home: Path | None = None) -> None:
        """home: the folder of what Lipsmith keeps; None for the user's own."""
        self.path = state_folder(home) / "consents.jsonl"

    def find(self, sha256: str) -> Consent | None:
        """What was declared for a recording; None for nothing."""
        try:
            lines = self.path.read_text(encoding="utf-8").splitlines()
        except OSError:
            return None
        for line in lines:
            try:
                consent = Consent(**json.loads(line))
            except (ValueError, TypeError):
                continue  # cut short by a full disk
            if consent.sha256 == sha256:
                return consent
        return None

    def require(self, reference: Reference, *, declared: bool) -> Consent:
        """The consent for a reference, written down when it is declared for the first time.

        Raises:
            ConsentError: it never was declared, and is not now.
        """
        known = self.find(reference.sha256)
        if known is not None:
            return known
        if not declared:
            raise ConsentError(
                f"cloning the voice in {reference.name} takes the consent of the person who "
                f"speaks; if it is true, declare it with --i-have-consent: {STATEMENT}"
            )
        now = datetime.now(UTC).isoformat(timespec="seconds")
        consent = Consent(reference.sha256, reference.name, STATEMENT, now)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a", encoding="utf-8") as book:
                book.write(json.dumps(asdict(consent)) + "\n")
        except OSError as problem:
            raise ConsentError(
                f"the consent cannot be written to {self.path} ({problem.strerror}), so the voice "
                "is not cloned; LIPSMITH_HOME can name another folder"
            ) from problem
        return consent
