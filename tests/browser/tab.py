"""`lensfind inspect` while it runs, and a tab of headless Chromium that shows its page. Nothing but Python's standard library."""
import json
import signal
import subprocess
import time


class Served:
    """`lensfind inspect` while it runs."""

    def __init__(self, program, *arguments):
        self.process = subprocess.Popen([program, "inspect", "--json", *map(str, arguments)], stdout=subprocess.PIPE, text=True)
        text = ""
        while not text.rstrip().endswith("}"):
            line = self.process.stdout.readline()
            if not line:
                raise RuntimeError("inspect ended: " + text)
            text += line
        self.link = json.loads(text)["link"]

    def of(self, grader):
        return self.link.split("?")[0] + "?grader=" + grader

    def end(self, number=signal.SIGTERM):
        """The exit status; that of a process which ended before is kept."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait()


KEYS = {"ArrowRight": ("ArrowRight", 39), "ArrowLeft": ("ArrowLeft", 37), "ArrowDown": ("ArrowDown", 40), "Escape": ("Escape", 27), "Enter": ("Enter", 13)}


class Tab:
    """A tab of the browser; commands of all tabs go through the same pipe."""

    def __init__(self, browser):
        self.browser = browser
        browser.session = None
        target = browser.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.ask(domain + ".enable")

    def ask(self, method, **parameters):
        self.browser.session = self.session
        return self.browser.ask(method, **parameters)

    def value(self, script):
        self.browser.session = self.session
        return self.browser.value(script)

    def open(self, url):
        self.ask("Page.bringToFront")  # a tab behind another draws no frames
        self.browser.open(url)
        self.until("page.state && $('picture').complete && $('picture').naturalWidth > 0")

    def key(self, key):
        code, number = KEYS.get(key, (key, ord(key.upper()[0])))
        text = {} if key in KEYS and key != "Enter" else {"text": "\r" if key == "Enter" else key}
        self.ask("Input.dispatchKeyEvent", type="keyDown", key=key, code=code, windowsVirtualKeyCode=number, **text)
        self.ask("Input.dispatchKeyEvent", type="keyUp", key=key, code=code, windowsVirtualKeyCode=number)

    def becomes(self, condition, seconds=20):
        """Whether it is so, at once or within this time: pages and browsers are late on busy machines."""
        end = time.monotonic() + seconds
        while self.value(f"!!({condition})") is not True:
            if time.monotonic() > end:
                return False
            time.sleep(0.02)
        return True

    def until(self, condition, seconds=60):
        """Waits for it. Raises TimeoutError."""
        if not self.becomes(condition, seconds):
            raise TimeoutError(f"never so: {condition}; the page says: {self.value('$(`said`).textContent + $(`trouble`).textContent')}")
