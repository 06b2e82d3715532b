"""The plan of one mailbox: who replies to whom, when, and where the planted words stand."""

from random import Random

from .text import LANGUAGES
from .words import (
    DOMAINS,
    SPAN,
    T_END,
    WORD_BODY_COMMON,
    WORD_BODY_RARE,
    WORD_SUBJ_COMMON,
    WORD_SUBJ_RARE,
    WORLD,
)

REPLIES = 0.52  # of all letters
OPEN = 400  # conversations that may still be answered


class Box:
    """`n` letters by order of arrival: `times`, `parent` (-1: begins a conversation), `root`, `planted`, `attach`."""

    def __init__(self, name: str, n: int, seed: int, *, plant: bool = True) -> None:
        chance = Random(seed)
        self.name, self.n, self.seed = name, n, seed
        # Growing volume over the years.
        self.times = sorted(int(T_END - SPAN + SPAN * (chance.random() ** 0.8)) for _ in range(n))
        self.parent = [-1] * n
        self.root = list(range(n))
        self._reply(chance)
        words = (WORD_SUBJ_RARE, WORD_SUBJ_COMMON, WORD_BODY_RARE, WORD_BODY_COMMON)
        self.planted: dict[str, set[int]] = {word: set() for word in words}
        if plant and n >= 100:
            self._plant(chance)
        self.attach = set(chance.sample(range(n), n * 8 // 100)) if n >= 20 else set()

    def _reply(self, chance: Random) -> None:
        active: list[int] = []
        for i in range(self.n):
            if active and chance.random() < REPLIES:
                back = min(len(active) - 1, int(chance.expovariate(1 / 40)))
                parent = active[-1 - back]
                self.parent[i], self.root[i] = parent, self.root[parent]
                active[-1 - back] = i
                if chance.random() < 0.12:
                    del active[-1 - back]
            elif chance.random() < 0.75:
                active.append(i)
            if len(active) > OPEN:
                del active[:100]

    def _plant(self, chance: Random) -> None:
        roots = [i for i in range(self.n) if self.parent[i] < 0]
        self.planted[WORD_SUBJ_RARE] = set(chance.sample(roots, max(5, self.n // 2000)))
        self.planted[WORD_SUBJ_COMMON] = set(chance.sample(roots, max(10, self.n * 3 // 100)))
        self.planted[WORD_BODY_RARE] = set(chance.sample(range(self.n), max(5, self.n // 2500)))
        self.planted[WORD_BODY_COMMON] = set(chance.sample(range(self.n), max(20, self.n * 8 // 100)))

    def msgid(self, i: int) -> str:
        mixed = (i * 2654435761 + self.seed) & 0xFFFFFFFF
        return f"<{self.name}.{i}.{mixed:08x}@{DOMAINS[i % len(DOMAINS)]}>"

    def subject(self, i: int) -> tuple[str, str]:
        """Language and subject of letter `i`, which begins a conversation."""
        chance = Random(self.seed * 7919 + i)
        language = _language(chance.random())
        if language == "world":
            text = chance.choice(WORLD) + f" {chance.randrange(10000)}"
        else:
            words = chance.choices(LANGUAGES[language], k=chance.randint(3, 9))
            text = " ".join(words).capitalize()
            if chance.random() < 0.3:
                text += f" #{chance.randrange(100000)}"
        if chance.random() < 0.12:
            text = f"[lista-{chance.choice(['python', 'ventas', 'soporte'])}] " + text
        for word in (WORD_SUBJ_RARE, WORD_SUBJ_COMMON):
            if i in self.planted[word]:
                text = f"{text} {word}"
        return language if language != "world" else "es", text


def _language(share: float) -> str:
    shares = ((0.5, "es"), (0.78, "en"), (0.86, "de"), (0.94, "fr"))
    return next((name for most, name in shares if share < most), "world")
