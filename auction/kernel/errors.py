"""The tree of refusals, and the two other ways in which a step can fail.

1. A *refusal* says that someone may not do this now. It has a stable code, the article or house rule
   that it rests on, a sentence in Chinese and one in English, and the facts as attributes.
2. A *fault of others* (a provider, the network) leaves the outcome unknown or failed on their side.
3. ``InvariantViolated`` is our own fault: the smallest scope stops and a person is called.

Codes are never reused. A fact in a sentence is in that sentence's language (`sentences`). Text is made at the edge with `Refusal.sentence`; only ``web/errors.py`` knows HTTP.
"""

from __future__ import annotations

from typing import ClassVar

from auction.kernel.sentences import Locale, shown

REFUSALS: dict[str, type[Refusal]] = {}
"""Every refusal of the product by its code; a second class with the same code fails at import."""


class Refusal(Exception):
    """Root of all refusals; never raised itself.

    A subclass sets ``code``, ``article`` (act and article, or ``house:`` and the reason), ``zh`` and ``en``;
    the two sentences may name facts in braces, which the raiser passes as keyword arguments.
    """

    code: ClassVar[str]
    article: ClassVar[str]
    zh: ClassVar[str]
    en: ClassVar[str]

    def __init_subclass__(cls) -> None:
        """Register the code; assert that a concrete refusal is complete and its code is new."""
        super().__init_subclass__()
        code = cls.__dict__.get("code")
        if code is None:
            return
        assert code not in REFUSALS, f"refusal code {code!r} is used twice"
        for name in ("article", "zh", "en"):
            assert getattr(cls, name, ""), f"refusal {code!r} lacks {name!r}"
        REFUSALS[code] = cls

    def __init__(self, **facts: object) -> None:
        """Keep the facts; no text is made here."""
        super().__init__(self.code, facts)
        self.facts = facts

    def sentence(self, locale: Locale) -> str:
        """Give the sentence of this refusal in ``locale``, its facts filled in."""
        template = self.zh if locale == "zh" else self.en
        return template.format(**{name: shown(fact, locale) for name, fact in self.facts.items()})

    def __str__(self) -> str:
        """Show code, English sentence and article: what a developer or an API client reads."""
        return f"{self.code}: {self.sentence('en')} [{self.article}]"


class Malformed(Refusal):
    """The input does not have the documented shape; nothing was looked up."""


class NotSignedIn(Refusal):
    """The caller has no valid session."""


class NotPermitted(Refusal):
    """The caller is known, but his role or his part in the case does not allow this."""


class NotFound(Refusal):
    """The thing named does not exist, or the caller may not know that it does."""


class Conflict(Refusal):
    """The present state does not allow this: already done, too late, or decided otherwise."""


class Unlawful(Refusal):
    """A rule of law forbids it whatever the state; `article` cites the rule."""


class IdempotencyKeyReused(Conflict):
    """The same command id came with other content; nothing was changed."""

    code = "idempotency_key_reused"
    article = "house: one command id stands for one content"
    zh = "该操作编号已用于内容不同的操作，未作任何更改。"
    en = "This command id was already used with other content; nothing was changed."


class WrongInstallation(NotPermitted):
    """The step is lawful only in an installation stamped otherwise (production, test or demo)."""

    code = "wrong_installation"
    article = "house: security rule 1, installation stamp"
    zh = "本系统为“{stamp}”环境，不允许此操作：{step}。"
    en = "This installation is stamped {stamp}; it does not allow: {step}."


class SettingInvalid(Malformed):
    """A setting is missing or malformed, or is not allowed under this stamp."""

    code = "setting_invalid"
    article = "house: settings are checked at start-up"
    zh = "设置 {name} 无效：{reason}。"
    en = "Setting {name} is not valid: {reason}."


class FaultOfOthers(Exception):
    """Something outside failed. Subclasses say whether the outcome is known."""


class OutcomeUnknown(FaultOfOthers):
    """The call may have worked (a timeout, a cut line): ask again under the same key, never assume failure."""


class Unavailable(FaultOfOthers):
    """The other side certainly did nothing (connection refused, 503 before acceptance): retry later."""


class InvariantViolated(Exception):
    """Money or the journal is not as it must be. Stops the smallest scope and calls a person."""
