"""What our own rules refuse, before the mail server is asked."""

from collections.abc import Mapping

from django.utils.functional import Promise


class Refused(Exception):
    """Not allowed here; the sentence is for the person, `field` says beside what."""

    def __init__(self, sentence: "str | Promise", field: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field


class ChangedMeanwhile(Exception):
    """Somebody else changed it since the form was shown. Carries what it is now."""

    def __init__(self, now: Mapping[str, object]) -> None:
        super().__init__("changed meanwhile")
        self.now = now
