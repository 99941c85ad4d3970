"""One page's Markdown as HTML without any site builder, with the extensions and fences that `mkdocs.yml` names.

The tests use it; it also shows that nothing of ours needs MkDocs.
"""

import importlib
from pathlib import Path
from types import SimpleNamespace

import yaml
from markdown import Markdown
from markdown.treeprocessors import Treeprocessor

from deepbook.course.index import book_root


class _Loader(yaml.SafeLoader):
    """Reads `!!python/name:module.attribute`, and nothing else beyond plain YAML."""


def _named(loader, suffix, node):
    module, _, name = suffix.rpartition(".")
    return getattr(importlib.import_module(module), name)


_Loader.add_multi_constructor("tag:yaml.org,2002:python/name:", _named)


class _Where(Treeprocessor):
    """Stands for the builder's processor of links, from which the fences learn where they are."""

    def __init__(self, root, page):
        super().__init__()
        self.file = SimpleNamespace(src_uri=page)
        self.config = SimpleNamespace(config_file_path=str(root / "mkdocs.yml"))


def converter(page: str = "page.md", root: Path | None = None, settings: Path | None = None) -> Markdown:
    """A fresh Markdown object, good for one page.

    page: the page's file relative to `chapters/`. root: the folder with `exercises/`, by default the book's own.
    settings: the `mkdocs.yml` to take the extensions from, by default the book's own.
    """
    settings = settings or book_root() / "mkdocs.yml"
    listed = yaml.load(settings.read_text(encoding="utf-8"), _Loader)["markdown_extensions"]
    configs = {name: options for each in listed if isinstance(each, dict) for name, options in each.items()}
    md = Markdown(
        extensions=[each if isinstance(each, str) else next(iter(each)) for each in listed], extension_configs=configs
    )
    md.treeprocessors.register(_Where(Path(root or book_root()), page), "relpath", 0)
    return md
