"""Calls the folds of code cells "Code" and "Proof": MyST-NB has one pair of prompts for all cells.

The tag ``hide-input`` folds the source of a cell and leaves its output; with ``proof`` its output
is folded too. They are closed in the page as it is written, and open without a script.
"""

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform


class NameFolds(SphinxPostTransform):
    """Write the prompts of folded cells, and fold those with the tag ``proof``."""

    default_priority = 198  # at 199 MyST-NB folds
    formats = ("html",)

    def run(self, **kwargs) -> None:
        """Do so in one page."""
        for cell in self.document.findall(nodes.container):
            is_proof = "tag_proof" in cell["classes"]
            if is_proof:
                cell["hide_mode"] = "all"
            if mode := cell.get("hide_mode"):
                prompt = "Proof" if is_proof else "Output" if mode == "output" else "Code"
                cell["prompt_show"] = cell["prompt_hide"] = prompt


def setup(app: Sphinx) -> dict:
    """Register the transform."""
    app.add_post_transform(NameFolds)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
