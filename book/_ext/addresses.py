"""Reads where the book is published from the environment: the theme wants it in _config.yml.

BOOK_REPOSITORY is the address of the repository, such as ``https://github.com/owner/name``, and
BOOK_ADDRESS that of the site; the workflow that deploys the site sets both. With an address, the
pages have canonical addresses and a picture for link previews, and the site has a map for search
engines. Without one, no page claims an address, and no button leads nowhere.
"""

import os
import re

from sphinx.application import Sphinx

OWN_ADDRESS = re.compile(r'<meta property="og:url"[^>]*>\n?')
PICTURE = "_static/cover.png"
ABOUT_PICTURE = [
    '<meta property="og:image:width" content="1200" />',
    '<meta property="og:image:height" content="630" />',
    '<meta name="twitter:card" content="summary_large_image" />',
]


def with_slash(address: str) -> str:
    """Return an address with one slash at its end; an empty one stays empty."""
    return address.rstrip("/") + "/" if address else ""


def tell_address(app: Sphinx, config) -> None:
    """Pass the address on to Sphinx, sphinxext-opengraph and sphinx-sitemap."""
    config.html_baseurl = config.ogp_site_url = config.book_address
    if config.book_address:
        config.ogp_image = PICTURE
        config.ogp_custom_meta_tags = ABOUT_PICTURE
        config.sitemap_url_scheme = "{link}"
        config.sitemap_excludes = ["404.html", "search.html"]


def fill_page(
    app: Sphinx, pagename: str, templatename: str, context: dict, doctree: object
) -> None:
    """Give the templates the address; without one, remove the address that opengraph writes."""
    context["book_address"] = app.config.book_address
    if not app.config.book_address:
        context["metatags"] = OWN_ADDRESS.sub("", context.get("metatags", ""))


def setup(app: Sphinx) -> dict:
    """Read both addresses; sphinx_sitemap would warn if there were none."""
    repository = os.environ.get("BOOK_REPOSITORY", "").rstrip("/")
    address = with_slash(os.environ.get("BOOK_ADDRESS", ""))
    app.add_config_value("book_repository", repository, "html")
    app.add_config_value("book_address", address, "html")
    if address:
        app.setup_extension("sphinx_sitemap")
    app.connect("config-inited", tell_address)
    app.connect("html-page-context", fill_page, priority=900)
    return {"version": "2", "parallel_read_safe": True, "parallel_write_safe": True}
