"""The text of a pdf page by page, read in a process of its own because anybody may have made the file."""

MOST_PAGES = 600  # a national report has some fifty


def blocks(source):
    """Blocks ("page", text), one a page; raises Wrong for a pdf with a password or with more pages than a report has."""
    import logging

    import pypdf

    from analysis.formats.child import Wrong

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    pages = pypdf.PdfReader(source)
    if pages.is_encrypted and not pages.decrypt(""):
        raise Wrong("file_unsafe", why="")
    if len(pages.pages) > MOST_PAGES:
        raise Wrong("file_unsafe", why="")
    for page in pages.pages:
        yield "page", page.extract_text()
