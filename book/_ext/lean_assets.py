"""Sphinx extension: one style sheet and one script for the whole site, with what its pages use.

The theme and the extensions bring a dozen style sheets, a dozen scripts and all of Font Awesome, of
which a page uses a tenth. Here the sheets become ``book.css``, without the rules for classes that
no page has, and the scripts become ``book.js``. Both stay in a browser's cache from page to page.
"""

import hashlib
import posixpath
import re
import shutil
from pathlib import Path

import tinycss2
from sphinx.application import Sphinx

# What the theme's layout loads before and after what Sphinx knows of.
FIRST_SHEETS = ["basic.css", "styles/pydata-sphinx-theme.css"]
LAST_SCRIPTS = ["scripts/bootstrap.js", "scripts/pydata-sphinx-theme.js"]
# Of the theme, and not needed once the files are joined.
UNUSED = ["images", "locales", "scripts", "styles", "vendor"]
# Values that the theme and Sphinx write into each page, for features that the book does without.
PAGE_VALUES = re.compile(r"DOCUMENTATION_OPTIONS\.(pagename|search_as_you_type)\b")

ATTRIBUTE = re.compile(r'\s(?:class|id)="([^"]*)"')
WORD = re.compile(r"[A-Za-z_][\w-]*")
NAME_IN_SELECTOR = re.compile(r"[.#]((?:[\w-]|\\.)+)")
ADDRESS = re.compile(r"url\(\s*([\"']?)(?!data:|#)([^)\"']+)\1\s*\)")


def files_of_all_pages(app: Sphinx) -> tuple[list[str], list[str], list[str]]:
    """Return the sheets, the scripts and the lines of script that are on every page.

    To be called before the first page is written, since a page may add files of its own.
    """
    builder = app.builder
    sheets = [str(sheet.filename).removeprefix("_static/") for sheet in builder._css_files]
    sheets = [name for name in sheets if "pydata" not in name and name != "styles/theme.css"]
    scripts = [str(s.filename).removeprefix("_static/") for s in builder._js_files if s.filename]
    inline = [s.attributes["body"] for s in builder._js_files if "body" in s.attributes]
    inline = [line for line in inline if not PAGE_VALUES.match(line)]
    unique = lambda names: list(dict.fromkeys(names))  # noqa: E731
    return unique(FIRST_SHEETS + sheets), unique(scripts + LAST_SCRIPTS), unique(inline)


def prepare(app: Sphinx) -> None:
    """Note what is joined, and its version, so that a browser's cache notices a new one."""
    if app.builder.format != "html":
        return
    app.builder.joined = files_of_all_pages(app)
    digest = hashlib.sha256(repr(app.builder.joined).encode())
    for folder in app.config.html_static_path:
        for path in sorted(Path(app.confdir or app.srcdir, folder).rglob("*.[cj]s*")):
            digest.update(path.read_bytes())
    app.config.html_context["assets_version"] = digest.hexdigest()[:8]


def leave_to_the_joined_files(
    app: Sphinx, pagename: str, templatename: str, context: dict, doctree
) -> None:
    """Take from a page what the joined files hold; what belongs to this page alone stays."""
    sheets, scripts, inline = app.builder.joined

    def own(file, names) -> bool:
        name = str(getattr(file, "filename", file) or "").removeprefix("_static/")
        body = getattr(file, "attributes", {}).get("body", "")
        return name not in names and body not in inline and not PAGE_VALUES.match(body)

    context["script_files"] = [file for file in context["script_files"] if own(file, scripts)]
    context["css_files"] = [file for file in context["css_files"] if own(file, sheets)]


def used_names(pages: list[str], script: str) -> set[str]:
    """Collect the classes and ids of pages, and every word of a script, which may add some."""
    names = set(WORD.findall(script))
    for page in pages:
        for value in set(ATTRIBUTE.findall(page)):
            names.update(value.split())
    return names


def names_in(selectors: str) -> set[str]:
    """List the classes and ids that selectors name, without backslashes."""
    return {re.sub(r"\\(.)", r"\1", name) for name in NAME_IN_SELECTOR.findall(selectors)}


def keep_selector(selector: str, names: set[str]) -> bool:
    """Say whether a selector can match: whether all its classes and ids occur."""
    outside = re.sub(r"\([^()]*\)", "", re.sub(r"\([^()]*\)|\[[^]]*\]", "", selector))
    return names_in(outside) <= names


def purged(rules: list, names: set[str]) -> str:
    """Write style rules without those that can match nothing.

    Parameters
    ----------
    rules : list
        What ``tinycss2.parse_stylesheet`` returns.
    names : set of str
        The classes and ids that occur.

    Returns
    -------
    str
        A style sheet.
    """
    written = []
    for rule in rules:
        if rule.type == "qualified-rule":
            selectors, current = [], []
            for token in [*rule.prelude, None]:
                if token is None or token == ",":
                    selectors.append(tinycss2.serialize(current).strip())
                    current = []
                else:
                    current.append(token)
            kept = [selector for selector in selectors if keep_selector(selector, names)]
            if kept:
                content = tinycss2.serialize(rule.content).strip()
                written.append(f"{','.join(kept)}{{{content}}}")
        elif rule.type == "at-rule" and rule.lower_at_keyword in {"media", "supports"}:
            inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
            if text := purged(inner, names):
                prelude = tinycss2.serialize(rule.prelude).strip()
                written.append(f"@{rule.lower_at_keyword} {prelude}{{{text}}}")
        elif rule.type == "at-rule" and rule.lower_at_keyword not in {"charset", "import"}:
            text = tinycss2.serialize([rule])
            if "vendor/fontawesome" not in text:  # fonts/icons.woff takes their place
                written.append(text)
        elif rule.type == "error":
            raise ValueError(f"style sheet, line {rule.source_line}: {rule.message}")
    return "\n".join(written)


def purged_once(css: str, names: set[str], store: Path) -> str:
    """Write style rules as ``purged`` does; those of the last build are not taken apart again.

    They hold as long as the rules are the same, and what of their classes and ids occurs.
    """
    digest = hashlib.sha256(Path(__file__).read_bytes())
    digest.update(repr((css, sorted(names & names_in(css)))).encode())
    known = store / f"{digest.hexdigest()[:24]}.css"
    if not known.exists():
        rules = tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)
        known.write_text(purged(rules, names), encoding="utf-8")
    return known.read_text(encoding="utf-8")


def rebased(sheet: str, name: str) -> str:
    """Rewrite the addresses in a sheet for a sheet in the folder ``_static``."""
    folder = posixpath.dirname(name)
    return ADDRESS.sub(
        lambda match: f'url("{posixpath.normpath(posixpath.join(folder, match[2]))}")', sheet
    )


def join(app: Sphinx, error: Exception | None) -> None:
    """Write the joined files and remove what they replace."""
    if error or app.builder.format != "html":
        return
    static = Path(app.outdir) / "_static"
    sheets, scripts, inline = app.builder.joined
    if not (static / scripts[0]).exists():  # no page has changed, so Sphinx has copied nothing
        return
    parts = [f"{line};" for line in inline]
    parts += [(static / name).read_text(encoding="utf-8") for name in scripts]
    script = "\n".join(re.sub(r"\n//# sourceMappingURL=.*", "", part) for part in parts)
    (static / "book.js").write_text(script, encoding="utf-8")

    pages = [path.read_text(encoding="utf-8") for path in Path(app.outdir).rglob("*.html")]
    others = [path.read_text(encoding="utf-8") for path in static.rglob("*.js")]
    names = used_names(pages, "\n".join(others))
    css = "\n".join(rebased((static / n).read_text(encoding="utf-8"), n) for n in sheets)
    css = purged_once(css, names, Path(app.doctreedir))
    (static / "book.css").write_text(css, encoding="utf-8")

    for name in [*sheets, *scripts, *UNUSED]:
        path = static / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    for path in [*static.glob("*webpack-macros.html"), *static.glob("*.svg")]:
        if f"_static/{path.name}" not in "".join(pages):
            path.unlink()


def setup(app: Sphinx) -> dict:
    """Run after everyone has named their files, and when all pages are written."""
    app.connect("builder-inited", prepare, priority=999)
    app.connect("html-page-context", leave_to_the_joined_files, priority=999)
    app.connect("build-finished", join, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
