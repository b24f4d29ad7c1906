#!/usr/bin/env python3
"""page-look.py PAGE.html [-o DIR]: looks at a report in headless Chromium, as people
do: at desktop and phone width, in light and dark, by the accessibility tree, on
paper. Fails on a console message, a request, text of too little contrast (WCAG AA),
a page wider than its window, missing landmarks or names, headings that skip a level,
repeated ids. Saves screenshots and a PDF with -o. Needs Chromium, nothing else."""
import base64, json, os, shutil, signal, subprocess, sys, tempfile

EXE = next((p for p in ("chromium", "chromium-browser", "google-chrome")
            if shutil.which(p)), None)
LANDMARKS = ("banner", "navigation", "main", "contentinfo")

CONTRAST = r"""(() => {
  const channel = v => { v /= 255; return v <= .03928 ? v / 12.92 :
                         ((v + .055) / 1.055) ** 2.4; };
  const light = c => .2126 * channel(c[0]) + .7152 * channel(c[1]) +
                     .0722 * channel(c[2]);
  const parse = t => { const m = t.match(/[\d.]+/g); return m ? m.map(Number) : [0,0,0,0]; };
  const solid = c => c.length < 4 || c[3] > 0;
  const groundOf = e => { for (; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if (solid(c)) return c; }
    return parse(getComputedStyle(document.documentElement).backgroundColor); };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let least = 99, where = '', texts = 0;
  while (walker.nextNode()) {
    const n = walker.currentNode, e = n.parentElement;
    if (!n.data.trim() || ['STYLE', 'SCRIPT', 'title', 'desc'].includes(e.tagName)) continue;
    const s = getComputedStyle(e);
    if (s.display === 'none' || s.visibility === 'hidden') continue;
    const svg = e.namespaceURI.endsWith('svg');
    const ink = parse(svg ? s.fill : s.color);
    let ground = groundOf(svg ? e.closest('svg').parentElement : e);
    if (ground.length === 4 && ground[3] === 0) ground = [255, 255, 255];
    const a = light(ink), b = light(ground);
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    const big = parseFloat(s.fontSize) >= 24 ||
                (parseFloat(s.fontSize) >= 18.66 && s.fontWeight >= 700);
    const scaled = big ? ratio * 1.5 : ratio;
    texts++;
    if (scaled < least) { least = scaled; where = n.data.trim().slice(0, 40); }
  }
  return {least, where, texts};
})()"""

STRUCTURE = r"""(() => {
  const problems = [];
  let level = 0;
  for (const h of document.querySelectorAll('h1,h2,h3,h4,h5,h6')) {
    const now = +h.tagName[1];
    if (now > level + 1) problems.push('heading skips a level: ' + h.textContent);
    level = now;
  }
  const seen = new Set();
  for (const e of document.querySelectorAll('[id]')) {
    if (seen.has(e.id)) problems.push('repeated id ' + e.id);
    seen.add(e.id);
  }
  for (const a of document.querySelectorAll('a[href^="#"]'))
    if (!document.getElementById(a.getAttribute('href').slice(1)))
      problems.push('a link to nowhere: ' + a.getAttribute('href'));
  for (const t of document.querySelectorAll('table'))
    if (!t.caption || !t.querySelector('th[scope]'))
      problems.push('a table without caption or header cells');
  if (!document.documentElement.lang) problems.push('no language');
  if (!document.title) problems.push('no title');
  return {problems, headings: document.querySelectorAll('h1,h2,h3').length,
          tables: document.querySelectorAll('table').length,
          figures: document.querySelectorAll('svg').length};
})()"""


class Browser:
    """Chromium by its debugging pipe: NUL-ended JSON on file descriptors 3 and 4."""

    def __init__(self, home):
        ours_in, theirs_out = os.pipe()
        theirs_in, ours_out = os.pipe()

        def place():
            a, b = os.dup(theirs_in), os.dup(theirs_out)
            os.dup2(a, 3)
            os.dup2(b, 4)

        self.process = subprocess.Popen(
            [EXE, "--headless=new", "--no-sandbox", "--disable-gpu",
             "--remote-debugging-pipe", "--user-data-dir=" + home,
             "--no-first-run", "--disable-extensions", "--hide-scrollbars", "about:blank"],
            preexec_fn=place, close_fds=False,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(theirs_in)
        os.close(theirs_out)
        self.read, self.write = os.fdopen(ours_in, "rb"), os.fdopen(ours_out, "wb")
        self.number, self.events, self.rest, self.session = 0, [], b"", None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target,
                                 flatten=True)["sessionId"]

    def next(self):
        while b"\0" not in self.rest:
            got = self.read.read1(1 << 20)
            if not got:
                sys.exit("page-look: the browser ended")
            self.rest += got
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        self.write.write(json.dumps(message).encode() + b"\0")
        self.write.flush()
        while True:
            got = self.next()
            if got.get("id") == self.number:
                if "error" in got:
                    sys.exit("page-look: %s: %s" % (method, got["error"]["message"]))
                return got["result"]
            self.events.append(got)

    def wait(self, method):
        while not any(e.get("method") == method for e in self.events):
            self.events.append(self.next())

    def close(self):
        self.session = None
        self.call("Browser.close")
        self.process.wait()

    def evaluate(self, script):
        return self.call("Runtime.evaluate", expression=script,
                         returnByValue=True)["result"].get("value")


def show(b, page, width, height, scheme):
    b.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
           deviceScaleFactor=1, mobile=width < 600)
    b.call("Emulation.setEmulatedMedia", media="", features=[
        {"name": "prefers-color-scheme", "value": scheme}])
    b.events.clear()
    b.call("Page.navigate", url="file://" + os.path.abspath(page))
    b.wait("Page.loadEventFired")


def save(path, data):
    with open(path, "wb") as f:
        f.write(base64.b64decode(data))


def heard(b, page, fail):
    """Nothing but the page itself may have been asked for, and nothing said."""
    own = "file://" + os.path.abspath(page)
    for e in b.events:
        method, p = e.get("method"), e.get("params", {})
        if method in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown"):
            fail("console: %s" % json.dumps(p)[:200])
        elif method == "Log.entryAdded":
            fail("console: %s" % p["entry"]["text"])
        elif method == "Network.requestWillBeSent" and \
                p["request"]["url"].split("#")[0] != own:
            fail("a request: %s" % p["request"]["url"][:200])


def accessible(b, fail):
    nodes = b.call("Accessibility.getFullAXTree")["nodes"]
    role = lambda n: n.get("role", {}).get("value")
    found = {}
    for n in nodes:
        if n.get("ignored"):
            continue
        r = role(n)
        found[r] = found.get(r, 0) + 1
        name = n.get("name", {}).get("value", "")
        if r in ("image", "img", "graphics-document", "table", "link", "region") and not name:
            fail("a %s without a name" % r)
    for r in LANDMARKS:
        if found.get(r, 0) != 1:
            fail("%d landmarks %s" % (found.get(r, 0), r))
    return found


def look(page, out):
    failures = []
    fail = lambda text: failures.append(text)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        b = Browser(home)
        for domain in ("Page", "Runtime", "Log", "Network", "Accessibility"):
            b.call(domain + ".enable")
        for name, width, height in (("desktop", 1280, 900), ("phone", 390, 844)):
            for scheme in ("light", "dark"):
                show(b, page, width, height, scheme)
                b.evaluate("document.querySelectorAll('details').forEach(d => "
                           "d.open = true)")
                got = b.evaluate(CONTRAST)
                print("%s, %s: least contrast %.2f of %d texts (\"%s\")" % (
                    name, scheme, got["least"], got["texts"], got["where"]))
                if got["least"] < 4.5:
                    fail("%s, %s: contrast %.2f: %s" % (name, scheme, got["least"],
                                                        got["where"]))
                wide = b.evaluate("document.documentElement.scrollWidth - innerWidth")
                if wide > 0:
                    fail("%s: %d pixels wider than the window" % (name, wide))
                heard(b, page, fail)
                if out:
                    b.evaluate("document.querySelectorAll('details').forEach(d => "
                               "d.open = false)")
                    save("%s/%s-%s.png" % (out, name, scheme), b.call(
                        "Page.captureScreenshot", format="png",
                        captureBeyondViewport=True)["data"])
        got = b.evaluate(STRUCTURE)
        for problem in got["problems"]:
            fail(problem)
        found = accessible(b, fail)
        print("landmarks: %s; %d headings, %d tables, %d figures, all named" % (
            ", ".join(LANDMARKS), got["headings"], got["tables"], got["figures"]))
        b.call("Emulation.setEmulatedMedia", media="print", features=[])
        got = b.evaluate(CONTRAST)
        print("print: least contrast %.2f" % got["least"])
        if got["least"] < 4.5:
            fail("print: contrast %.2f: %s" % (got["least"], got["where"]))
        if out:
            save(out + "/report.pdf", b.call(
                "Page.printToPDF", preferCSSPageSize=True, printBackground=False)["data"])
        heard(b, page, fail)
        b.close()
    for text in failures:
        print("FAIL: " + text)
    print("%s: %s" % (page, "%d failures" % len(failures) if failures else
                      "no console message, no request"))
    return not failures


def main():
    if EXE is None:
        print("SKIPPED: no Chromium: no page was looked at")
        return 0
    signal.alarm(300)  # a browser that hangs
    arguments, out = sys.argv[1:], None
    if "-o" in arguments:
        at = arguments.index("-o")
        out = arguments[at + 1]
        del arguments[at:at + 2]
        os.makedirs(out, exist_ok=True)
    return 0 if all([look(page, out) for page in arguments]) else 1


sys.exit(main())
