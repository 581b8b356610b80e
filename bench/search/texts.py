"""Posts in something like Japanese: few words are in most of them, and most words in few (Zipf).

The sentences mean nothing. What matters for searches is as in real texts: particles and endings
give pairs of kana that nearly every post has, and there are tens of thousands of rare words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from random import Random

FAMILIAR = (
    *("東京", "猫", "映画", "カレー", "海", "写真", "京都", "音楽", "仕事", "ラーメン", "料理"),
    *("旅行", "本", "駅", "家族", "友だち", "勉強会", "温泉", "ゲーム", "図書館", "公園", "天気"),
    *("子ども", "電車", "お茶", "コーヒー", "パン", "学校", "自転車", "犬", "山", "花見", "喫茶店"),
    *("LINE", "iPhone", "YouTube", "プログラミング", "スーパー", "コンビニ", "鎌倉", "大阪"),
    *("北海道", "会社", "病院", "美術館", "スマホ", "パソコン", "アニメ", "ドラマ", "サッカー"),
    *("野球", "庭", "雨", "雪", "夏休み", "お弁当", "手帳", "財布", "メガネ", "アプリ", "存在"),
)
"""The commonest first."""

RARE = {1_200: "コキオブ", 18_000: "タフシ"}
"""Words that searches look for, and how many words are commoner."""

NOUNS = 30_000
COMMONEST = 20
"""The larger, the less often the commonest words come (Zipf and Mandelbrot)."""

KANJI = (
    "日一国会人年大十二本中長出三同時政事自行社見月分議後前民生連五発間対上部東者党地合市業内相方四定今"
    "回新場金員九入選立開手米力学問高代明実円関決子動京全目表戦経通外最言氏現理調体化田当八六約主題下首"
    "意法不来作性的要用制治度務強気小七成期公持野協取都和統以機平総加山思家話世受区領多県続進正安設保改"
    "数記院女初北午指権心界支第産結百派点教報済書府活原先共得解名交資予川向際査勝面委告軍文反元重近千考"
    "判認画海参売利組知案道信策集在件団別物側任引使求所次水半品昨論計死官増係感特情投示変打男基私各始島"
    "直両朝革価式確村提運終挙果西勢減台広容必応演電歳住争談能無再位置企真流格有疑口過局少放税検藤町常校"
    "料沢裁状工建語球営空職証土与急止送援供可役構木割聞身費付施切由説転食比難防補車優夫研収断井何南石足"
)
KANA = (
    "ンースルトリコキオブタフシイクラアカッマレテドロジムプニバサグミデ"
    "パメチャナボセモツワノエケソネヒウハポダガズベゴギ"
)
"""The commonest first, as in borrowed words."""

TIMES = (
    *("今日は", "昨日は", "週末に", "今朝", "久しぶりに", "先週", "さっき", "来月は", "夕方"),
    *("朝から", "はじめて", "やっと", "3時に", "2026年の", "毎日"),
)
PLACES = ("で", "で", "に", "から", "まで", "へ", "でも", "には")
OBJECTS = ("を", "を", "が", "が", "は", "も", "と", "の話を", "のことを", "より")
ACTS = (
    *(
        "食べました",
        "見てきました",
        "買いました",
        "行きました",
        "読んでいます",
        "しました",
        "作りました",
    ),
    *("楽しかったです", "おいしかったです", "してみました", "教えてもらいました", "見つけました"),
    *(
        "気になっています",
        "好きです",
        "おすすめです",
        "はじめました",
        "続けています",
        "迷っています",
    ),
    *("よかったと思います", "しています", "待っています", "撮りました", "聞きました", "借りました"),
    *("なくしてしまいました", "考えています", "探しているところです", "ありますか", "しますか"),
    *("新しいです", "うれしい一日でした", "楽しいです", "おいしいのでおすすめです"),
    *(
        "歩いて帰りました",
        "忘れられません",
        "楽しみにしています",
        "話しました",
        "しないことにしました",
    ),
)
ENDS = ("。", "。", "。", "！", "。\n", "。", "？", "♪", "…")
TITLES = (
    "について",
    "の話",
    "に行ってきました",
    "のおすすめは？",
    "",
    "の思い出",
    "を探しています",
)


@dataclass(frozen=True, slots=True)
class Words:
    """Words and how often they come, added up, as `Random.choices` takes it."""

    words: Sequence[str]
    weights: Sequence[float]

    def some(self, chance: Random, number: int) -> list[str]:
        return chance.choices(self.words, cum_weights=self.weights, k=number)


def by_rank(words: Sequence[str], commonest: int) -> Words:
    """Words that come the less often, the later they stand."""
    return Words(words, list(accumulate(1 / (rank + commonest) for rank in range(len(words)))))


_LETTERS = by_rank(KANA, 10)


@cache
def nouns() -> Sequence[str]:
    """Familiar words, then made ones of two kanji or of katakana, the commonest first."""
    chance = Random(1)
    made: dict[str, None] = dict.fromkeys(FAMILIAR)
    while len(made) < NOUNS:
        made[RARE.get(len(made)) or _made(chance)] = None
    return list(made)


def _made(chance: Random) -> str:
    if chance.random() < 0.7:
        return "".join(chance.choices(KANJI, k=chance.choice((2, 2, 2, 3, 4))))
    return "".join(_LETTERS.some(chance, chance.choice((3, 4, 4, 5, 6))))


class Writer:
    """The same seed gives the same posts."""

    def __init__(self, seed: int) -> None:
        self._chance = Random(seed)
        self._nouns = by_rank(nouns(), COMMONEST)
        self._acts = by_rank(ACTS, 5)

    def post(self) -> tuple[str, str]:
        """A title, and a body of some three hundred letters: many are short, few are long."""
        chance = self._chance
        number = min(60, max(1, round(chance.lognormvariate(2.55, 0.6))))
        names = self._nouns.some(chance, 2 * number + 2)
        title = f"{names.pop()}の{names.pop()}{chance.choice(TITLES)}"
        parts = zip(
            chance.choices((*TIMES, *[""] * 15), k=number),
            names[:number],
            chance.choices(PLACES, k=number),
            names[number:],
            chance.choices(OBJECTS, k=number),
            self._acts.some(chance, number),
            chance.choices(ENDS, k=number),
            strict=True,
        )
        return title, "".join(map("".join, parts)).strip()
