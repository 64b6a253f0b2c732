"""Questions to Statistics Norway's services over HTTP, asked again where the fault may pass, with errors that mend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from evalkit import __version__
from evalkit.errors import SourceError

if TYPE_CHECKING:
    import requests

KLASS = "https://data.ssb.no/api/klass/v1"
STATBANK = "https://data.ssb.no/api/pxwebapi/v2"
TABLE = "07459"
PASSING = (429, 500, 502, 503, 504)
"""HTTP statuses that may pass: asked again up to `RETRIES` times, after the time that the service asks for."""
RETRIES = 4
FORM = "try again later; if it stays, the service has a new form, and evalkit/refresh/sources.py must follow it"


@dataclass(frozen=True)
class Services:
    """Where official statistics are asked for.

    Attributes
    ----------
    klass : base address of KLASS, the classifications (API guide: data.ssb.no/api/klass/v1/api-guide.html).
    statbank : base address of the statistics bank (PxWebApi 2: www.ssb.no/en/api/statbank-pxwebapi-user-guide).
    table : its table of population by municipality and year, with Region, ContentsCode Personer1 and Tid.
    pause : seconds before the second try; doubled for each further one.
    timeout : seconds to wait for a connection, and for each part of an answer.
    """

    klass: str = KLASS
    statbank: str = STATBANK
    table: str = TABLE
    pause: float = 1.0
    timeout: tuple[float, float] = (10.0, 60.0)

    @classmethod
    def at(cls, klass: str | None = None, statbank: str | None = None, table: str | None = None) -> Services:
        """The services, at other addresses where they are given."""
        return cls(klass or KLASS, statbank or STATBANK, table or TABLE)


@dataclass
class Client:
    """One session with the services."""

    services: Services
    session: requests.Session = field(init=False, repr=False)

    def __post_init__(self) -> None:
        import requests
        from requests.adapters import HTTPAdapter
        from urllib3.util import Retry

        again = Retry(
            total=RETRIES,
            connect=1,
            read=1,
            backoff_factor=self.services.pause,
            status_forcelist=PASSING,
            raise_on_status=False,
        )
        self.session = requests.Session()
        self.session.headers.update({"Accept": "application/json", "User-Agent": f"evalkit/{__version__}"})
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, HTTPAdapter(max_retries=again))

    def klass(self, path: str, **params: str) -> dict[str, Any]:
        """A classification's answer: `path` below classifications/, such as 131/codesAt; see `get`."""
        return self.get(f"{self.services.klass.rstrip('/')}/classifications/{path}", {"language": "nb", **params})

    def population(self, years: str) -> dict[str, Any]:
        """Everybody by region, JSON-stat 2: `years` is a selection expression of PxWebApi 2, such as from(2024)."""
        params = {
            **{"lang": "no", "outputFormat": "json-stat2", "valueCodes[Region]": "*"},
            **{"valueCodes[ContentsCode]": "Personer1", "valueCodes[Tid]": years},
        }
        return self.get(f"{self.services.statbank.rstrip('/')}/tables/{self.services.table}/data", params)

    def get(self, url: str, params: Mapping[str, str]) -> dict[str, Any]:
        """The JSON object that a service answers.

        Raises
        ------
        SourceError : no answer, a status of 400 or more, or an answer that is not a JSON object.
        """
        import requests

        try:
            answer = self.session.get(url, params=dict(params), timeout=self.services.timeout)
        except requests.exceptions.RequestException as fault:
            raise _unanswered(url, fault, self.services.timeout) from fault
        if answer.status_code >= 400:
            raise _refused(answer)
        try:
            found = answer.json()
        except ValueError as fault:
            raise SourceError(
                "The answer is not JSON", where=answer.url, expected="a JSON object", got=_start(answer), mend=FORM
            ) from fault
        if not isinstance(found, dict):
            raise SourceError(
                "The answer is not what the documentation says",
                where=answer.url,
                expected="a JSON object",
                got=type(found).__name__,
                mend=FORM,
            )
        return found


def _unanswered(url: str, fault: Exception, timeout: tuple[float, float]) -> SourceError:
    """The error of no answer, or half of one."""
    from urllib3.exceptions import NewConnectionError
    from urllib3.exceptions import TimeoutError as LateError

    inner = fault.args[0] if fault.args else fault
    reason = getattr(inner, "reason", inner)
    late = isinstance(reason, LateError) and not isinstance(reason, NewConnectionError)
    return SourceError(
        "Statistics Norway did not answer in time"
        if late
        else "Statistics Norway could not be reached, or the connection broke",
        where=url,
        expected=f"a connection within {timeout[0]:g} s and an answer within {timeout[1]:g} s" if late else None,
        got=reason,
        mend="see that this machine reaches the internet (a proxy is given in HTTPS_PROXY), or try again later",
    )


def _refused(answer: requests.Response) -> SourceError:
    """The error of a status of 400 or more."""
    status = answer.status_code
    if status in PASSING:
        mend = "try again later: the service is busy or down"
    elif status == 404 and "/tables/" in answer.url:
        mend = (
            "the table has gone or has another number: find population by municipality and year at "
            "www.ssb.no/en/statbank and give its number with --table"
        )
    else:
        mend = "the service has changed: compare the address with its documentation, and evalkit/refresh must follow it"
    tried = f", {RETRIES + 1} times" if status in PASSING else ""
    return SourceError(
        "Statistics Norway refused the question" if status < 500 else "Statistics Norway's service failed",
        where=answer.url,
        got=f"HTTP {status}{tried}: {_start(answer)}",
        mend=mend,
        status=status,
    )


def _start(answer: requests.Response) -> str:
    """The beginning of an answer, on one line."""
    text = " ".join(answer.text.split())
    return f"{text[:160]} …" if len(text) > 160 else text or "nothing"
