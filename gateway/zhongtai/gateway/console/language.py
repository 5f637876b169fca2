"""The two languages of the console: which one a visit is in, and the catalogue of its words.

The catalogue is data, `words.json`: each key with an English and a Chinese text. A key that is missing is a defect, so
a page is never half translated.
"""

from collections.abc import Mapping
from functools import cache

from starlette.requests import Request

from zhongtai.runtime.headers import LANGUAGE, language_of
from zhongtai.runtime.plain import shipped

ENGLISH, CHINESE = "en", "zh-CN"
COOKIE = "zhongtai_language"


@cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """Every text by its key, then by its language."""
    found: dict[str, dict[str, str]] = shipped(__package__, "words.json")
    return found


def chosen(request: Request, otherwise: str) -> str:
    """The language a person chose, else the one their browser asks for, else the platform's."""
    cookie = request.cookies.get(COOKIE, "")
    return cookie if cookie in (ENGLISH, CHINESE) else language_of(request.headers.get(LANGUAGE, otherwise))


class Words:
    """The texts of one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.chinese = language == CHINESE

    def __call__(self, key: str, **values: object) -> str:
        """The text of a key with its values put in; KeyError where the catalogue lacks it."""
        return catalogue()[key][self.language].format(**values)

    def known(self, key: str, otherwise: str) -> str:
        """The text of a key that comes from data, such as a grade or an effect; the data itself where there is none."""
        found = catalogue().get(key)
        return found[self.language] if found else otherwise

    def either(self, english: str, chinese: str) -> str:
        """The text in this language of data that carries both; English where there is no Chinese."""
        return chinese if self.chinese and chinese else english
