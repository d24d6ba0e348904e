"""The review page in a real browser: Debian's chromium, led by Playwright with mouse and keyboard alone."""
