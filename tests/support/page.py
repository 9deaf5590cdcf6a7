"""A page, read: its tags, what stands in each `pre`, its text."""

from __future__ import annotations

from html.parser import HTMLParser


class Page(HTMLParser):
    """Tags with attributes in order, what stands in each `pre`, and the visible text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.pres: list[str] = []
        self.inside: set[str] = set()
        self.text = ""
        self.odd: list[str] = []
        self._deep = 0
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._deep:
            self.inside.add(tag)
        else:
            self.tags.append((tag, dict(attrs)))
        if tag == "pre":
            self._deep += 1
            self.pres.append("")

    def handle_endtag(self, tag: str) -> None:
        self._deep -= tag == "pre"
        if not self._deep:
            self.tags.append((f"/{tag}", {}))

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._deep:
            self.pres[-1] += data

    def handle_comment(self, data: str) -> None:
        self.odd.append(data)

    def every(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]

    def shape(self) -> list[tuple[str, tuple[str, ...]]]:
        return [(tag, tuple(attrs)) for tag, attrs in self.tags]
