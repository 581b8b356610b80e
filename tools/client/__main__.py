"""`make client`: writes what the clients have from `openapi.json`."""

from tools.client.written import outdated, rendered

if __name__ == "__main__":
    texts = rendered()
    for path in outdated():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(texts[path], encoding="utf-8")
