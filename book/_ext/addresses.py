"""Sphinx extension: where the book is published, which only whoever publishes it knows.

BOOK_REPOSITORY is the address of the repository, such as ``https://github.com/owner/name``, and
BOOK_ADDRESS that of the site. The workflow that deploys the site sets both. Without them a page has
no canonical address, and no button that would lead nowhere.
"""

import os

from sphinx.application import Sphinx


def with_slash(address: str) -> str:
    """Return an address with one slash at its end, and nothing for nothing."""
    return address.rstrip("/") + "/" if address else ""


def set_base(app: Sphinx, config) -> None:
    """Let Sphinx write canonical addresses."""
    config.html_baseurl = config.book_address


def setup(app: Sphinx) -> dict:
    """Read both addresses from the environment."""
    repository = os.environ.get("BOOK_REPOSITORY", "").rstrip("/")
    app.add_config_value("book_repository", repository, "html")
    app.add_config_value("book_address", with_slash(os.environ.get("BOOK_ADDRESS", "")), "html")
    app.connect("config-inited", set_base)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
