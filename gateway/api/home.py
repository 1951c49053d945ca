"""The page at /: every operation, from the same document that machines read. It asks no other host for anything."""

import base64
import hashlib
from html import escape
from typing import Any

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;"
    "color-scheme:light dark}code{font-family:ui-monospace,monospace}td{vertical-align:top;padding:.2rem .8rem .2rem 0}"
)
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; base-uri 'none'; frame-ancestors 'none'"


def page(document: dict[str, Any]) -> str:
    """The page as HTML."""
    sections: dict[str, list[str]] = {}
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            sections.setdefault(told["tags"][0], []).append(_row(method, path, told))
    body = "".join(f"<h2>{escape(tag)}</h2><table>{''.join(rows)}</table>" for tag, rows in sections.items())
    title = escape(document["info"]["title"])
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head>'
        f"<body><h1>{title}</h1><p>{escape(document['info']['description'])}</p>"
        f'<p><a href="/explorer">Try them out · 在线试用</a> · <a href="/openapi.json">/openapi.json</a></p>{body}'
        "</body></html>"
    )


def _row(method: str, path: str, told: dict[str, Any]) -> str:
    roles = ", ".join(told.get("x-roles", ())) or ("anybody" if told.get("security") == [] else "signed in")
    return (
        f"<tr><td><code>{method.upper()}</code></td><td><code>{escape(path)}</code></td>"
        f"<td>{escape(told['summary'])}<br><small>{escape(roles)}</small></td></tr>"
    )
