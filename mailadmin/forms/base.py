"""What every form of the panel carries: a token against double submit and what the person saw."""

import uuid
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from mailadmin.services import snapshots


class PanelForm(forms.Form):
    """`facts`: how the thing looks now; comes back as a fingerprint in `seen`."""

    form_token = forms.CharField(max_length=36, required=False, widget=forms.HiddenInput)
    seen = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, facts: snapshots.Facts | None = None, **options: Any) -> None:
        super().__init__(data, **options)
        self.initial.setdefault("form_token", str(uuid.uuid4()))
        if facts is not None:
            self.initial["seen"] = snapshots.fingerprint(facts)

    def show_again(self, facts: Mapping[str, object]) -> None:
        """After "changed meanwhile": what the person typed stays, what was seen is now."""
        data: Any = self.data
        data = data.copy()
        data["seen"] = snapshots.fingerprint(facts)
        self.data = data


class NameForm(PanelForm):
    """Danger: type the name of what dies."""

    typed = forms.CharField(max_length=320, required=True)

    def __init__(self, data: Any = None, *, names: list[str], question: Any, **options: Any) -> None:
        super().__init__(data, **options)
        self.names = [name.lower() for name in names]  # readable and ASCII form of the same
        self.fields["typed"].label = question
        self.fields["typed"].widget.attrs.update(
            autocomplete="off", autocapitalize="none", spellcheck="false", autofocus=True
        )

    def clean_typed(self) -> str:
        typed: str = self.cleaned_data["typed"].strip().lower()
        if typed not in self.names:
            raise forms.ValidationError(_("This is not the name. Nothing was deleted."))
        return typed
